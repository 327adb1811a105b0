package report

import (
	"bytes"
	"fmt"
	"os"
)

// Paste puts text into a document in the place of what is between the lines "<!-- name -->" and "<!-- /name -->".
func Paste(document, name string, text []byte) error {
	content, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	begin, end := []byte("<!-- "+name+" -->\n"), []byte("<!-- /"+name+" -->\n")
	before, rest, begun := bytes.Cut(content, begin)
	_, after, ended := bytes.Cut(rest, end)
	if !begun || !ended {
		return fmt.Errorf("%s has no lines %q and %q, between which the table belongs", document, bytes.TrimSpace(begin), bytes.TrimSpace(end))
	}
	return os.WriteFile(document, bytes.Join([][]byte{before, begin, text, end, after}, nil), 0o644)
}
