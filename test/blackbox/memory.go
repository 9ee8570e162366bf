package blackbox

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Memory is what a process holds, in bytes.
type Memory struct {
	// Resident is now, Peak the most so far. Without /proc Peak is Resident.
	Resident, Peak int64
}

// String returns both in MiB.
func (m Memory) String() string {
	return fmt.Sprintf("%.1f MiB (peak %.1f)", float64(m.Resident)/(1<<20), float64(m.Peak)/(1<<20))
}

// Memory reads what the server holds from the operating system.
func (p *Process) Memory() (Memory, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return p.memoryFromPS()
	}
	defer file.Close()
	var m Memory
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
		switch name {
		case "VmRSS":
			m.Resident = kib << 10
		case "VmHWM":
			m.Peak = kib << 10
		}
	}
	if m.Resident == 0 || m.Peak == 0 {
		return Memory{}, fmt.Errorf("read the memory of process %d: it is not in %s", p.PID(), file.Name())
	}
	return m, lines.Err()
}

// memoryFromPS is for systems without /proc.
func (p *Process) memoryFromPS() (Memory, error) {
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(p.PID())).Output()
	if err != nil {
		return Memory{}, fmt.Errorf("ask ps for the memory of process %d: %w", p.PID(), err)
	}
	kib, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		return Memory{}, fmt.Errorf("read the answer of ps: %w", err)
	}
	return Memory{Resident: kib << 10, Peak: kib << 10}, nil
}
