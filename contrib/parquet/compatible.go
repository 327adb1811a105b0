package parquet

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// readable tells whether values of a file's column can be read as wanted without becoming others: parquet-go, which
// converts them, cuts off what does not fit.
func readable(want, have parquet.Node) error {
	switch {
	case want.Leaf() != have.Leaf():
		return fmt.Errorf("the file has %v, which cannot be read as %v", have, want)
	case want.Leaf():
		if !readableLeaf(want.Type(), have.Type()) {
			return fmt.Errorf("the file has %v, which cannot be read as %v without changing values; read it as what it is", have, want)
		}
		return nil
	}
	for _, field := range want.Fields() {
		for _, found := range have.Fields() {
			if found.Name() == field.Name() {
				if err := readable(field, found); err != nil {
					return fmt.Errorf("%s: %w", field.Name(), err)
				}
			}
		}
	}
	return nil
}

func readableLeaf(want, have parquet.Type) bool {
	widened := want.Kind() == parquet.Int64 && have.Kind() == parquet.Int32
	if want.Kind() != have.Kind() && !widened || want.Kind() == parquet.FixedLenByteArray && want.Length() != have.Length() {
		return false
	}
	switch found := logical(have).(type) {
	case *format.DecimalType:
		wanted, ok := logical(want).(*format.DecimalType)
		return ok && wanted.Scale == found.Scale
	case *format.IntType:
		wanted, ok := logical(want).(*format.IntType)
		return found.IsSigned || ok && !wanted.IsSigned
	}
	return true
}

func logical(t parquet.Type) format.LogicalTypeValue {
	if l := t.LogicalType(); l != nil {
		return l.Value
	}
	return nil
}
