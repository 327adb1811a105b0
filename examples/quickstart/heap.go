package main

import (
	"fmt"
	"runtime"
)

// heap watches the live heap, in bytes: what is left after a collection of garbage.
type heap struct {
	early uint64 // the most in the first tenth of the rows
	most  uint64 // the most so far
}

// sample collects garbage and measures.
func (h *heap) sample(early bool) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.most = max(h.most, m.HeapAlloc)
	if early {
		h.early = h.most
	}
}

func mib(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
