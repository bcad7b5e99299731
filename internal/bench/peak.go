package bench

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the largest resident set of a process that ended, in MiB.
func peak(p *os.ProcessState) float64 {
	unit := 1024.0 // Linux counts KiB
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(p.SysUsage().(*syscall.Rusage).Maxrss) * unit / (1 << 20)
}
