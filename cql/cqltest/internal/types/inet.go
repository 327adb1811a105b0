package types

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseInet reads an address as Java does, which a real server leaves it to; only names of hosts are no addresses here.
// The empty text is an empty value. IPv6 may stand in brackets and have a number for its zone, which is lost; IPv4 inside
// it is IPv4.
func parseInet(text string) ([]byte, bool) {
	if text == "" {
		return []byte{}, true
	}
	if b, ok := parseIPv4(text); ok {
		return b, true
	}
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	text, zone, zoned := strings.Cut(text, "%")
	if _, err := strconv.ParseUint(zone, 10, 31); zoned && err != nil {
		return nil, false
	}
	if i := strings.LastIndexByte(text, ':') + 1; strings.Count(text[i:], ".") == 3 {
		if b, ok := parseIPv4(text[i:]); ok { // without leading zeros, which netip refuses
			text = text[:i] + netip.AddrFrom4([4]byte(b)).String()
		}
	}
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is6() {
		return nil, false
	}
	return a.Unmap().AsSlice(), true
}

// parseIPv4 reads one to four numbers, of which the last fills what is left of the four bytes: 1.2.3 is 1.2.0.3.
func parseIPv4(text string) ([]byte, bool) {
	parts := strings.Split(text, ".")
	if len(text) > len("255.255.255.255") || len(parts) > 4 {
		return nil, false
	}
	var address uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (4 - i)
		}
		n, err := strconv.ParseUint(part, 10, bits)
		if err != nil {
			return nil, false
		}
		address = address<<bits | n
	}
	return AppendInt(nil, 4, int64(address)), true
}
