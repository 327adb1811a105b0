package cql_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// BenchmarkMarshal encodes the arguments of a row, with the driver's own encoding for comparison.
func BenchmarkMarshal(b *testing.B) {
	list := cql.Type{Kind: cql.List, Elems: []cql.Type{intType}}
	types := []cql.Type{intType, {Kind: cql.Timestamp}, {Kind: cql.UUID}, {Kind: cql.Double}, textType, {Kind: cql.Blob}, list}
	values := []any{7, time.UnixMilli(1), gocql.TimeUUID(), 1.5, "a note", []byte{1, 2, 3}, []int{1, 2, 3}}
	infos := make([]gocql.TypeInfo, len(types))
	for i, t := range types {
		infos[i] = t.TypeInfo()
	}
	for name, marshal := range map[string]func(gocql.TypeInfo, any) ([]byte, error){
		"rxcql": func(info gocql.TypeInfo, v any) ([]byte, error) { return cql.TypeOf(info).Marshal(v) },
		"gocql": gocql.Marshal,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i, info := range infos {
					if _, err := marshal(info, values[i]); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
