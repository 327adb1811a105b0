package main

import (
	"fmt"
	"runtime"
)

// heap watches the live heap: what is left after a collection of garbage.
type heap struct {
	most uint64 // bytes
}

// sample collects garbage and measures.
func (h *heap) sample() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.most = max(h.most, m.HeapAlloc)
}

func mib(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
