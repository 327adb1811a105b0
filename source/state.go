package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/rxcql/rxcql/cql"
)

// ErrBadState is the end of a run that was to go on from a paging state of another statement, or of the same with
// other arguments. The server would not notice: it would skip or repeat rows.
var ErrBadState = errors.New("source: the paging state is not one of this statement with these arguments; give From the State of a Page or PageError of the same query")

// marks makes the states that users see out of the server's, and back: with a mark of the statement and its arguments
// before them. It is a guard against mistakes; against forgers there are tokens. It belongs to one run.
type marks struct {
	statement *cql.Statement
	mark      []byte
}

const (
	stateVersion = 1
	markSize     = 1 + 16
)

// show gives the state that users see; nil for none.
func (m *marks) show(state []byte) []byte {
	if len(state) == 0 {
		return nil
	}
	return append(bytes.Clone(m.get()), state...)
}

// read gives the server's state.
func (m *marks) read(shown []byte) ([]byte, error) {
	switch {
	case len(shown) == 0:
		return nil, nil
	case len(shown) <= markSize || !bytes.HasPrefix(shown, m.get()):
		return nil, ErrBadState
	default:
		return bytes.Clone(shown[markSize:]), nil
	}
}

func (m *marks) get() []byte {
	if m.mark == nil {
		arguments, err := canonicalArguments(m.statement.Args)
		if err != nil { // of a type that shows nothing of its values; their number is what is left
			arguments = binary.BigEndian.AppendUint64(nil, uint64(len(m.statement.Args)))
		}
		var b []byte
		l := lexer{rest: m.statement.CQL}
		for token := l.next(); token != ""; token = l.next() { // space and comments make no difference
			b = append(binary.BigEndian.AppendUint64(b, uint64(len(token))), token...)
		}
		b = binary.BigEndian.AppendUint64(b, 0)
		sum := sha256.Sum256(append(b, arguments...))
		m.mark = append([]byte{stateVersion}, sum[:markSize-1]...)
	}
	return m.mark
}
