package blackbox

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// FreeAddress finds a port that a server can be started on more than once. It
// lies below the range from which kernels serve port 0 and outgoing connections:
// one from that range may be taken while the server is down for a restart.
func FreeAddress() (string, error) {
	const lowest, highest = 20_000, 32_000
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(highest-lowest))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		l.Close()
		return address, nil
	}
	return "", fmt.Errorf("find a free port: none of 100 was free")
}
