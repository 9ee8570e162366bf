package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc/PID/stat: USER_HZ is 100 on every
// architecture Go runs on.
const tick = 10 * time.Millisecond

// stat is what /proc/PID/stat tells of a process.
type stat struct {
	parent, group int
	// own is its CPU time in user and kernel mode, and reaped that of its children
	// that have ended.
	own, reaped time.Duration
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// The fields that are looked at, counted from the state, which comes after the name.
const (
	statParent = 1
	statGroup  = 2
	statUser   = 11
	statFields = 15
)

func parseStat(text string) (stat, error) {
	// The name is in parentheses and may hold anything, so fields count from the
	// last one.
	_, rest, found := cutLast(text, ")")
	fields := strings.Fields(rest)
	if !found || len(fields) < statFields {
		return stat{}, errors.New("/proc/PID/stat is not as expected")
	}
	var numbers [statFields]int64
	for i := 1; i < statFields; i++ {
		var err error
		numbers[i], err = strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return stat{}, err
		}
	}
	times := numbers[statUser:]
	return stat{
		parent: int(numbers[statParent]),
		group:  int(numbers[statGroup]),
		own:    time.Duration(times[0]+times[1]) * tick,
		reaped: time.Duration(times[2]+times[3]) * tick,
	}, nil
}

func cutLast(text, sep string) (string, string, bool) {
	at := strings.LastIndex(text, sep)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(sep):], true
}

// resident returns the resident memory of a process in bytes: now and at most.
func resident(pid int) (int64, int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	now, err := parseStatus(string(text), "VmRSS")
	if err != nil {
		return 0, 0, err
	}
	most, err := parseStatus(string(text), "VmHWM")
	return now, most, err
}

func parseStatus(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		value, found := strings.CutPrefix(line, name+":")
		if !found {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		return kilobytes << 10, err
	}
	return 0, fmt.Errorf("/proc/PID/status has no %s", name)
}

// machine says in one line what this ran on.
func machine() string {
	model := "unknown CPU"
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			if strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		kernel = []byte("unknown")
	}
	return fmt.Sprintf("%s, %d cores, %s %s, %s", model, runtime.NumCPU(), runtime.GOOS, strings.TrimSpace(string(kernel)), runtime.GOARCH)
}
