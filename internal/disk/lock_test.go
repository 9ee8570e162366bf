package disk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/grantd/grantd/internal/disk"
)

func TestLockIsForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for range 2 {
		lock, err := disk.Lock(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = disk.Lock(path)
		held, ok := errors.AsType[*disk.HeldError](err)
		if want := fmt.Sprint("process ", os.Getpid()); !ok || held.Holder != want {
			t.Errorf("got %v, want it held by %s", err, want)
		}
		lock.Close()
	}
}

func TestLockOfAnEmptyFileNamesNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := disk.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	err = os.Truncate(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = disk.Lock(path)
	held, ok := errors.AsType[*disk.HeldError](err)
	if !ok || held.Holder != "another process" {
		t.Errorf("got %v, want it held by another process", err)
	}
}
