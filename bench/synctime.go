package main

import (
	"os"
	"path/filepath"
	"time"
)

// syncTime is how long this machine takes to make 4 KB durable in the folder, the
// median of a hundred times. It decides how many refreshes there can be.
func syncTime(folder string) (time.Duration, error) {
	file, err := os.Create(filepath.Join(folder, "sync"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	page := make([]byte, 4096)
	var took []time.Duration
	for range 100 {
		began := time.Now()
		_, err = file.Write(page)
		if err != nil {
			return 0, err
		}
		err = file.Sync()
		if err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took), nil
}
