package rxtest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// contains tells whether part can be cut from all: from its beginning, or from anywhere if the order is free.
func contains[T any](all, part []T, unordered bool) bool {
	if len(part) > len(all) {
		return false
	}
	if !unordered {
		for i := range part {
			if !reflect.DeepEqual(all[i], part[i]) {
				return false
			}
		}
		return true
	}
	used := make([]bool, len(all))
next:
	for _, v := range part {
		for i, w := range all {
			if !used[i] && reflect.DeepEqual(v, w) {
				used[i] = true
				continue next
			}
		}
		return false
	}
	return true
}

func equal[T any](a, b []T, unordered bool) bool {
	return len(a) == len(b) && contains(a, b, unordered)
}

// points picks the positions in 1..n at which something is to happen: all if n is small.
func points(n int) []int {
	var at []int
	for k := 1; k <= n; k++ {
		if k <= 16 || k > n-3 || k&(k-1) == 0 {
			at = append(at, k)
		}
	}
	return at
}

// firstAndLast picks fewer of them.
func firstAndLast(n int) []int {
	at := points(n)
	if len(at) > 2 {
		at = []int{1, n}
	}
	return at
}

// fingerprint writes down everything that can be reached from v, so that a later change shows.
func fingerprint(v any) string {
	p := printer{seen: make(map[uintptr]bool)}
	p.print(reflect.ValueOf(v))
	return p.String()
}

type printer struct {
	strings.Builder
	seen map[uintptr]bool
}

func (p *printer) print(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		p.WriteString("nil")
	case reflect.Pointer:
		if v.IsNil() || !p.enter(v.Pointer()) {
			p.WriteString("·")
			return
		}
		p.print(v.Elem())
	case reflect.Interface:
		p.print(v.Elem())
	case reflect.Slice, reflect.Array:
		p.WriteByte('[')
		for i := range v.Len() {
			p.print(v.Index(i))
			p.WriteByte(' ')
		}
		p.WriteByte(']')
	case reflect.Struct:
		p.WriteByte('{')
		for i := range v.NumField() {
			p.print(v.Field(i))
			p.WriteByte(' ')
		}
		p.WriteByte('}')
	case reflect.Map:
		var entries []string
		for key, elem := range v.Seq2() {
			entry := printer{seen: p.seen}
			entry.print(key)
			entry.WriteByte(':')
			entry.print(elem)
			entries = append(entries, entry.String())
		}
		slices.Sort(entries)
		fmt.Fprint(p, entries)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		fmt.Fprintf(p, "%#x", v.Pointer())
	default:
		fmt.Fprintf(p, "%#v", v)
	}
}

func (p *printer) enter(at uintptr) bool {
	if p.seen[at] {
		return false
	}
	p.seen[at] = true
	return true
}

// shared finds two slices among items of which one would be overwritten by appending to the other, or changed with it.
func shared[T any](items []T) (i, j int, found bool) {
	type span struct{ from, to uintptr }
	var spans []span
	if reflect.TypeFor[T]().Kind() != reflect.Slice || len(items) > 1000 {
		return 0, 0, false
	}
	for _, item := range items {
		v := reflect.ValueOf(item)
		from := v.Pointer()
		spans = append(spans, span{from, from + uintptr(v.Cap())*v.Type().Elem().Size()})
	}
	for i, a := range spans {
		for j, b := range spans[:i] {
			if a.from < b.to && b.from < a.to {
				return j, i, true
			}
		}
	}
	return 0, 0, false
}
