// Package contest has programs that do the same with the same rows run in turn, and tells what each took: time, and CPU
// time and memory of its process.
package contest

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Result is what one run took. What was not measured is 0.
type Result struct {
	Rows          int
	RowsPerSecond float64
	CPUPerRow     float64 // ns, of the user and the system for this process
	PeakMiB       float64 // of resident memory
	FirstRowMs    float64 // from asking until the first row is there
	Pages         int     // asked for until ten rows had been there for half a second
}

// Measure runs f, which gives how many rows came through, and tells what it took of this process.
func Measure(rows int, f func() (int, error)) (Result, error) {
	cpu, start := cpuTime(), time.Now()
	n, err := f()
	took, used := time.Since(start), cpuTime()-cpu
	if err == nil && n != rows {
		err = fmt.Errorf("%d rows came through instead of %d", n, rows)
	}
	if err != nil {
		return Result{}, err
	}
	peak, err := peakMiB()
	return Result{Rows: n, RowsPerSecond: float64(n) / took.Seconds(), CPUPerRow: float64(used) / float64(n), PeakMiB: peak}, err
}

func usage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // there is always a usage of oneself
	}
	return u
}

func cpuTime() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMiB is the most memory that this process had. Linux has what rusage says of it begin with the memory of the process
// that started this one, so there it is taken from elsewhere.
func peakMiB() (float64, error) {
	switch runtime.GOOS {
	case "linux":
	case "darwin":
		return float64(usage().Maxrss) / (1 << 20), nil
	default:
		return float64(usage().Maxrss) / 1024, nil
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	text, _, _ := strings.Cut(after, "kB")
	kb, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return kb / 1024, err
}
