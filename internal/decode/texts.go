package decode

import "unsafe"

// texts gives short strings a place in blocks that they share, since for each to have memory of its own takes several
// times what copying it does. Who keeps one string keeps its block: 2 KiB.
type texts struct{ block []byte }

const (
	textBlock = 2 << 10
	shortText = textBlock / 16 // longer ones have memory of their own
)

// text is as the function of that name.
func (t *texts) text(p unsafe.Pointer, cell []byte) error {
	n := len(cell)
	if n == 0 || n > shortText {
		return text(p, cell)
	}
	if n > cap(t.block)-len(t.block) {
		t.block = make([]byte, 0, textBlock)
	}
	at := len(t.block)
	t.block = append(t.block, cell...)
	*(*string)(p) = unsafe.String(&t.block[at], n)
	return nil
}
