package fields_test

import (
	"database/sql"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/internal/fields"
)

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "SensorID": "sensor_id", "At": "at", "HTTPServerID": "http_server_id", "UserID2": "user_id2",
		"A": "a", "AB": "ab", "ABc": "a_bc", "Already_Snake": "already_snake", "Größe": "größe", "X1Y": "x1_y",
	} {
		require.Equal(t, want, fields.Snake(name), name)
	}
}

type Base struct {
	ID      int
	private int
}

func TestFieldsOfAStruct(t *testing.T) {
	type row struct {
		Base
		When     time.Time `cql:"at"`
		Skipped  string    `cql:"-"`
		hidden   int
		LastName string
		Quoted   int `cql:"Mixed Case"`
	}
	_, _ = row{}.hidden, Base{}.private
	got, err := fields.Of(reflect.TypeFor[row]())
	require.NoError(t, err)
	var names, columns []string
	for _, f := range got {
		names, columns = append(names, f.Name), append(columns, f.Column)
		found, _ := reflect.TypeFor[row]().FieldByName(f.Name[max(0, len(f.Name)-2):])
		if f.Name == "Base.ID" {
			require.Equal(t, found.Offset+reflect.TypeFor[row]().Field(0).Offset, f.Offset)
		}
	}
	require.Equal(t, []string{"Base.ID", "When", "LastName", "Quoted"}, names)
	require.Equal(t, []string{"id", "at", "last_name", "Mixed Case"}, columns)
}

func TestWhatCannotBeMapped(t *testing.T) {
	type twice struct {
		UserID int
		Other  int `cql:"user_id"`
	}
	_, err := fields.Of(reflect.TypeFor[twice]())
	require.ErrorContains(t, err, `fields UserID and Other both stand for column "user_id"`)

	type pointer struct{ *Base }
	_, err = fields.Of(reflect.TypeFor[pointer]())
	require.ErrorContains(t, err, "embedded pointer Base")

	type unexported struct {
		id int `cql:"id"`
	}
	_ = unexported{}.id
	_, err = fields.Of(reflect.TypeFor[unexported]())
	require.ErrorContains(t, err, "field id has a tag")
}

type texts struct{ A int }

func (texts) MarshalText() ([]byte, error) { return nil, nil }

type scans struct{ A int }

func (*scans) Scan(any) error { return nil }

func TestTypesThatAreOneValue(t *testing.T) {
	for _, one := range []any{time.Time{}, big.Int{}, inf.Dec{}, netip.Addr{}, gocql.Duration{}, sql.NullString{}, sql.Null[int]{}, texts{}, scans{}} {
		require.True(t, fields.SingleValue(reflect.TypeOf(one)), "%T", one)
	}
	for _, several := range []any{Base{}, struct{}{}, struct{ time.Time }{}, struct{ texts }{}, struct{ *scans }{}, struct{ sql.NullString }{}, 1, ""} {
		require.False(t, fields.SingleValue(reflect.TypeOf(several)), "%T", several)
	}
}
