package cql

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gocql/gocql"
)

// ArgumentError is an argument of a statement that does not fit its marker: the cause in an [*Error] of class
// Malformed. Nothing was sent.
type ArgumentError struct {
	Statement int    // of a batch, from 0
	Index     int    // of the argument, from 0
	Name      string // of the marker: its own, or its column's; empty if it is not known
	CQLType   string // empty if there is no such marker
	GoType    string
	Err       error // the cause
}

// Error names the argument, the marker, both types and the cause; it shows no values.
func (e *ArgumentError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "argument %d", e.Index+1)
	if e.Statement > 0 {
		fmt.Fprintf(&b, " of statement %d", e.Statement+1)
	}
	if e.Name != "" {
		fmt.Fprintf(&b, " for %q", e.Name)
	}
	if e.CQLType != "" {
		fmt.Fprintf(&b, " (%s) from %s", e.CQLType, e.GoType)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }

// argument has the driver encode an argument as [Type.Marshal] does. The driver asks for it also to find the replicas.
type argument struct {
	statement, index int
	name             string // of the marker
	value            any
}

func (a *argument) MarshalCQL(info gocql.TypeInfo) ([]byte, error) {
	cell, err := typeOf(info).Marshal(a.value)
	if err != nil {
		return nil, &ArgumentError{Statement: a.statement, Index: a.index, Name: a.name, CQLType: typeOf(info).String(), GoType: fmt.Sprintf("%T", a.value), Err: err}
	}
	return cell, nil
}

// cellArgument is a [Cell], which is encoded already: that it fits its marker is checked before the driver asks for it.
type cellArgument Cell

func (c *cellArgument) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return c.Bytes, nil }

var namedValue = reflect.TypeOf(gocql.NamedValue("", nil))

// errNamedValue: the driver encodes an argument for the marker in its place, and sends it with the name of another.
var errNamedValue = errors.New("a gocql.NamedValue is not taken; give plain values in the order of the markers, or bind by name with a query's BindMap or BindStruct")

// appendArguments appends what the driver gets of the values for a statement: arguments, but for cells, and Unset, which
// has a meaning of its own for the driver.
func appendArguments(args []any, statement int, values []any) ([]any, error) {
	args = slices.Grow(args, len(values))
	var block []argument // for all that need one
	for i, v := range values {
		switch c, ok := v.(*Cell); {
		case ok:
			args = append(args, (*cellArgument)(c))
		case v == Unset:
			args = append(args, v)
		case reflect.TypeOf(v) == namedValue:
			return args, &ArgumentError{Statement: statement, Index: i, GoType: fmt.Sprintf("%T", v), Err: errNamedValue}
		default:
			if block == nil {
				block = make([]argument, 0, len(values)-i)
			}
			block = append(block, argument{statement: statement, index: i, value: v})
			args = append(args, &block[len(block)-1])
		}
	}
	return args, nil
}
