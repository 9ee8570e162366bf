package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/grantd/grantd/internal/disk"
)

func TestMakeDirectory(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "a", "b", "c")
	for range 2 {
		err := disk.MakeDirectory(path)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range []string{"a", "a/b", "a/b/c"} {
		info, err := os.Stat(filepath.Join(root, made))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v; want mode 0700", made, info, err)
		}
	}
	file := filepath.Join(root, "file")
	err := os.WriteFile(file, nil, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	err = disk.MakeDirectory(file)
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: got %v", err)
	}
	err = disk.MakeDirectory(filepath.Join(file, "below"))
	if err == nil {
		t.Error("a directory was made below a file")
	}
}

func TestOneDirectoryIsMadeByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	var makers sync.WaitGroup
	for range 16 {
		makers.Go(func() {
			err := disk.MakeDirectory(path)
			if err != nil {
				t.Error(err)
			}
		})
	}
	makers.Wait()
}

func TestSyncNamesWhatIsMissing(t *testing.T) {
	err := disk.Sync(filepath.Join(t.TempDir(), "missing"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
