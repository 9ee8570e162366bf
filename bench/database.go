package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// database is what the data directory holds at one moment.
type database struct {
	// rows is the number of rows in all tables, or -1 when there is no sqlite3
	// command to count them.
	rows int64
	// size is that of the database files, write-ahead log included.
	size int64
}

func readDatabase(ctx context.Context, folder string) (database, error) {
	d := database{rows: -1}
	file, err := databaseFile(folder)
	if err != nil {
		return d, err
	}
	d.size, err = sizeOf(folder)
	if err != nil {
		return d, err
	}
	d.rows, err = countRows(ctx, file)
	return d, err
}

// sizeOf is how large the database in a folder is in bytes.
func sizeOf(folder string) (int64, error) {
	file, err := databaseFile(folder)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(file + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return total, nil
}

// databaseFile finds the SQLite database in a data directory.
func databaseFile(folder string) (string, error) {
	file := ""
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		is, err := isSQLite(name)
		if is {
			file = name
		}
		return err
	})
	if err == nil && file == "" {
		err = fmt.Errorf("there is no SQLite database in %s", folder)
	}
	return file, err
}

func isSQLite(name string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	magic := []byte("SQLite format 3\x00")
	head := make([]byte, len(magic))
	n, _ := file.Read(head)
	return bytes.Equal(head[:n], magic), nil
}

// countRows asks the sqlite3 command, which reads a database that is in use.
func countRows(ctx context.Context, file string) (int64, error) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		// Without the command the sizes have to do.
		return -1, nil
	}
	query := func(text string) (string, error) {
		out, err := exec.CommandContext(ctx, program, "-readonly", "-batch", "-cmd", ".timeout 5000", file, text).Output()
		if err != nil {
			return "", fmt.Errorf("count the rows: %w", err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	tables, err := query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return -1, err
	}
	total := int64(0)
	for table := range strings.Lines(tables) {
		text, err := query(`SELECT count(*) FROM "` + strings.TrimSpace(table) + `"`)
		if err != nil {
			return -1, err
		}
		rows, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return -1, fmt.Errorf("count the rows: %w", err)
		}
		total += rows
	}
	return total, nil
}

// forget removes what a server that has ended keeps beside its database and its keys.
// It may be what it remembers of the database, and rows that came there with SQL
// are not in that.
func forget(folder string) error {
	file, err := databaseFile(folder)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := filepath.Join(folder, entry.Name())
		if entry.IsDir() || name == file || name == file+"-wal" || name == file+"-shm" {
			continue
		}
		err = os.Remove(name)
		if err != nil {
			return err
		}
	}
	return nil
}
