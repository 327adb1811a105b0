package cql

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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
	value            any
}

func (a *argument) MarshalCQL(info gocql.TypeInfo) ([]byte, error) {
	t := typeOf(info)
	cell, err := t.Marshal(a.value)
	if err != nil {
		return nil, &ArgumentError{Statement: a.statement, Index: a.index, CQLType: t.String(), GoType: fmt.Sprintf("%T", a.value), Err: err}
	}
	return cell, nil
}

var namedValue = reflect.TypeOf(gocql.NamedValue("", nil))

// arguments makes arguments of the values for a statement; what has a meaning of its own for the driver stays as it is.
func arguments(statement int, values []any) []any {
	all := make([]argument, len(values))
	args := make([]any, len(values))
	for i, v := range values {
		if v == Unset || reflect.TypeOf(v) == namedValue {
			args[i] = v
			continue
		}
		all[i] = argument{statement, i, v}
		args[i] = &all[i]
	}
	return args
}

var errWholeTuple = errors.New("the driver cannot bind a whole tuple; write its elements as markers, such as (?, ?), and bind those")

// explain says what is wrong with which argument of a statement that the driver refused to send. statement gives the
// text and the arguments of a statement, by its number in a batch.
func (d *gocqlDriver) explain(ctx context.Context, err error, statement func(i int) (string, []any)) error {
	var e *ArgumentError
	miscounted, number := miscount(err)
	if !errors.As(err, &e) && !miscounted {
		return err
	}
	if e != nil {
		number = e.Statement
	}
	cql, args := statement(number)
	// The statement was prepared, so the driver knows its markers; it calls back before it would send anything.
	_ = d.session.Bind(cql, func(info *gocql.QueryInfo) ([]any, error) {
		switch {
		case e != nil && e.Index < len(info.Args):
			e.Name = info.Args[e.Index].Name
		case e == nil && len(info.Args) != len(args):
			err = &ArgumentError{Statement: number, Index: min(len(args), len(info.Args)), Err: fmt.Errorf("the statement has %d markers, and there are %d arguments", len(info.Args), len(args))}
		case e == nil:
			for i, marker := range info.Args {
				if t := typeOf(marker.TypeInfo); t.Kind == Tuple && len(t.Elems) != 1 {
					err = &ArgumentError{Statement: number, Index: i, Name: marker.Name, CQLType: t.String(), GoType: fmt.Sprintf("%T", args[i]), Err: errWholeTuple}
					break
				}
			}
		}
		return nil, errWholeTuple // so that it ends here
	}).WithContext(ctx).RetryPolicy(nil).Exec()
	return err
}

// miscount tells whether the driver counted another number of arguments than it wants, for which it has only a text,
// and in which statement. It counts each element of a tuple, even where it would take the tuple as one.
func miscount(err error) (is bool, statement int) {
	var want, got int
	if err == nil {
		return false, 0
	}
	if n, _ := fmt.Sscanf(err.Error(), "gocql: expected %d values send got %d", &want, &got); n == 2 {
		return true, 0
	}
	n, _ := fmt.Sscanf(err.Error(), "gocql: batch statement %d expected %d values send got %d", &statement, &want, &got)
	return n == 3, statement
}
