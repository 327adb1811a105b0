package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// ErrBadState is the end of a run that was to go on from a paging state of another statement, or of the same with
// other arguments. The server would not notice: it would skip or repeat rows. So is any state of a statement with an
// argument of whose value nothing can be told, as in [Page.Token].
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

// show gives the state that users see; nil for none. If there are arguments that show nothing of their values, it is one
// that cannot be gone on from, as it would be good for all others, too.
func (m *marks) show(state []byte) []byte {
	if len(state) == 0 {
		return nil
	}
	mark, err := m.get()
	if err != nil {
		mark = make([]byte, markSize)
	}
	return append(bytes.Clone(mark), state...)
}

// read gives the server's state.
func (m *marks) read(shown []byte) ([]byte, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	mark, err := m.get()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrBadState, err)
	case len(shown) <= markSize || !bytes.HasPrefix(shown, mark):
		return nil, ErrBadState
	default:
		return bytes.Clone(shown[markSize:]), nil
	}
}

func (m *marks) get() ([]byte, error) {
	if m.mark == nil {
		arguments, err := canonicalArguments(m.statement.Args)
		if err != nil {
			return nil, err
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
	return m.mark, nil
}
