package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// startup is how long a server takes from the start of its process.
type startup struct {
	// fresh is to the line ready on an empty data directory, again on a used one.
	fresh, again []time.Duration
	// token is to the first token, on a used data directory.
	token []time.Duration
}

// measureFresh starts the server on new data directories below folder.
func (s *startup) measureFresh(ctx context.Context, program, folder string, times int) error {
	for i := range times {
		data := filepath.Join(folder, fmt.Sprintf("fresh%d", i))
		g, err := startGrantd(ctx, program, data)
		if err != nil {
			return err
		}
		s.fresh = append(s.fresh, g.ready)
		err = errors.Join(g.stop(), os.RemoveAll(data))
		if err != nil {
			return err
		}
	}
	return nil
}

// measureAgain starts the server on a data directory that has a key, and asks
// for a token as soon as it is ready.
func (s *startup) measureAgain(ctx context.Context, program, data string, who credentials, times int) error {
	for range times {
		began := time.Now()
		g, err := startGrantd(ctx, program, data)
		if err != nil {
			return err
		}
		_, err = g.token(ctx, who)
		s.again = append(s.again, g.ready)
		s.token = append(s.token, time.Since(began))
		err = errors.Join(err, g.stop())
		if err != nil {
			return err
		}
	}
	return nil
}
