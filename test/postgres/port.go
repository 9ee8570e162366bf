package postgres

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"
)

// freePort finds a port that a server can be started on more than once. It lies
// below the range from which kernels serve port 0 and outgoing connections.
func freePort() (int, error) {
	const lowest, highest = 20_000, 32_000
	for range 100 {
		port := lowest + rand.IntN(highest-lowest)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("find a free port: none of 100 was free")
}

// listens reports whether somebody listens on the port.
func listens(port int) bool {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
