package decode_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

type (
	wrapped     struct{ loud } // becomes and is made of a CQL value, as loud does
	wrappedMore struct {
		loud
		Note string
	}
	wrappedFields struct {
		fieldwise
		Note string
	}
	wrappedTime  struct{ time.Time } // has a time's text
	wrappedMoney struct{ money }
)

// own has methods of its own over those of what it embeds.
type own struct {
	loud
	seen string
}

func (o *own) UnmarshalCQL(_ gocql.TypeInfo, cell []byte) error {
	o.seen = fmt.Sprintf("own %s", cell)
	return nil
}
func (o *own) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return []byte(o.seen), nil }

// TestMethodsOfWhatIsEmbedded: in a value they are the struct's, as encoding/json has it and the driver, in reading and
// in writing.
func TestMethodsOfWhatIsEmbedded(t *testing.T) {
	goes(t, number, wrapped{loud{[]byte("any")}})
	goes(t, address, wrapped{loud{[]byte("any")}})
	goes(t, address, wrappedMore{loud: loud{[]byte("any")}})
	goes(t, text, wrappedTime{time.Unix(1, 0).UTC()})
	goes(t, number, wrappedMoney{money{int64(1)}})
	goes(t, text, wrappedMoney{money{"x"}})

	u, err := decoded[wrappedFields](address, []byte{0, 0, 0, 1, 'x'})
	require.NoError(t, err)
	require.Equal(t, `street="x" house_no="" `, u.seen)
	require.Equal(t, cell(t, address, u.fieldwise), cell(t, address, u))

	o, err := decoded[own](text, []byte("x"))
	require.NoError(t, err)
	require.Equal(t, "own x", o.seen)
	require.Nil(t, o.loud.cell)
	require.Equal(t, []byte("own x"), cell(t, text, o))
	theirs, err := gocql.Marshal(text.TypeInfo(), &o)
	require.NoError(t, err)
	require.Equal(t, theirs, cell(t, text, &o))
}

// TestRowsOfWhatEmbeds: a row is its fields all the same, which are those of what it embeds, too.
func TestRowsOfWhatEmbeds(t *testing.T) {
	type named struct {
		wrappedMore `cql:"-"`
		place
		Inner wrapped
	}
	var d decode.Decoder[named]
	cs := []cql.Column{{Name: "street", Type: text}, {Name: "house_no", Type: number}, {Name: "inner", Type: number}}
	require.NoError(t, d.Page(cs, 1))
	got, err := d.Row([][]byte{[]byte("x"), nil, []byte("any")})
	require.NoError(t, err)
	require.Equal(t, named{place: place{Street: "x"}, Inner: wrapped{loud{[]byte("any")}}}, got)
}
