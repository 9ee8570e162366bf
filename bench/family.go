package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// family is a process with all that it has started: its process group, and whoever
// descends from it.
type family map[int]stat

// cpuTime returns the CPU time that the process has used, and its family with it.
// One that has ended counts with the parent that has waited for it.
func cpuTime(pid int, withFamily bool) (time.Duration, error) {
	if !withFamily {
		return clock(pid)
	}
	f, err := readFamily(pid)
	total := time.Duration(0)
	for _, s := range f {
		total += s.own + s.reaped
	}
	return total, err
}

// clock reads the CPU time of one process, far more exactly than /proc tells it.
func clock(pid int) (time.Duration, error) {
	// clock_getcpuclockid(3) makes the number of a clock from that of a process so.
	const bits, scheduled = 3, 2
	at := unix.Timespec{}
	err := unix.ClockGettime(int32(^pid<<bits|scheduled), &at)
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
	}
	return time.Duration(at.Nano()), nil
}

// familyMemory is the memory that all of them hold in bytes. What several share
// counts once.
func familyMemory(pid int) (int64, error) {
	f, err := readFamily(pid)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for member := range f {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", member))
		if err != nil {
			return 0, err
		}
		part, err := parseStatus(string(text), "Pss")
		if err != nil {
			return 0, err
		}
		total += part
	}
	return total, nil
}

func readFamily(pid int) (family, error) {
	all, err := readProcesses()
	if err != nil {
		return nil, err
	}
	f := familyOf(pid, all)
	if len(f) == 0 {
		return nil, errors.New("the process has ended")
	}
	return f, nil
}

// readProcesses returns all processes there are; some may end meanwhile.
func readProcesses() (map[int]stat, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	all := map[int]stat{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		s, err := readStat(pid)
		if err == nil {
			all[pid] = s
		}
	}
	return all, nil
}

func familyOf(pid int, all map[int]stat) family {
	f := family{}
	for member, s := range all {
		if member == pid || s.group == pid || descends(member, pid, all) {
			f[member] = s
		}
	}
	return f
}

func descends(pid, ancestor int, all map[int]stat) bool {
	for range all {
		s, found := all[pid]
		if !found {
			return false
		}
		if s.parent == ancestor {
			return true
		}
		pid = s.parent
	}
	return false
}

// runs reports whether one of the family is this program.
func (f family) runs(program string) bool {
	for pid := range f {
		file, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err == nil && filepath.Base(file) == program {
			return true
		}
	}
	return false
}
