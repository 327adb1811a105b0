package cqltext

import "fmt"

// CheckMark tells why a byte cannot be the delimiter, the quote or the escape of a CSV.
func CheckMark(c byte) error {
	if c == '\r' || c == '\n' || c >= 0x80 {
		return fmt.Errorf("%q is the end of a line, or no ASCII", c)
	}
	return nil
}
