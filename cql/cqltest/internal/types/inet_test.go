package types

import (
	"net/netip"
	"testing"
)

// FuzzInet: what is taken for an address is a value, the one that netip reads if it reads one.
func FuzzInet(f *testing.F) {
	for _, s := range []string{"", "1.2.3", "4294967295", "010.1.1.1", "[::1]", "fe80::1%25", "::01.2.3.4", "::ffff:1.2.3.4", "::1%lo", "1.2.3."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, ok := parseInet(text)
		if ok && Validate(Of(Inet), b) != nil {
			t.Fatalf("%q became %x", text, b)
		}
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return
		}
		if got, _ := netip.AddrFromSlice(b); !ok || got != a.Unmap() {
			t.Fatalf("%q became %x", text, b)
		}
	})
}
