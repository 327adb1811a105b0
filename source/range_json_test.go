package source_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/source"
)

func TestARangeAsJSON(t *testing.T) {
	for text, want := range map[string]source.Range{
		`{"start":"-5","end":"7"}`:                                 {Start: -5, End: 7},
		`{"start":-5,"end":7,"more":[]}`:                           {Start: -5, End: 7},
		`{"start":"-5","end":7,"cursor":"AQI="}`:                   {Start: -5, End: 7, Cursor: []byte{1, 2}},
		`{"start":-9223372036854775808,"end":9223372036854775807}`: {Start: math.MinInt64, End: math.MaxInt64},
	} {
		var r source.Range
		require.NoError(t, json.Unmarshal([]byte(text), &r), text)
		require.Equal(t, want, r)
	}
	for text, why := range map[string]string{
		`{}`:                      "has no start",
		`{"end":"5"}`:             "has no start",
		`{"start":"5"}`:           "has no end",
		`{"start":null,"end":1}`:  "has no start",
		`null`:                    "has no start",
		`{"start":"7","end":"7"}`: "(7, 7] is empty",
		`{"start":7,"end":"-5"}`:  "(7, -5] is empty",
		`{"start":1.5,"end":3}`:   "start is no token",
		`{"start":1,"end":"1e3"}`: "end is no token",
		`{"start":1,"end":1` + "0000000000000000000}": "end is no token",
		`{"start":"one","end":3}`:                     "a range is like",
		`{"start":"","end":3}`:                        "a range is like",
		`[1,2]`:                                       "a range is like",
		`{"start":1,"end":3,"cursor":7}`:              "a range is like",
	} {
		r := source.Range{Start: 1, End: 2}
		require.ErrorContains(t, json.Unmarshal([]byte(text), &r), why, text)
		require.Equal(t, source.Range{Start: 1, End: 2}, r)
	}
	saved := source.SavedRange{Range: source.Range{Start: -5, End: 7, Cursor: []byte{1}}, Done: true}
	text, err := json.Marshal(saved)
	require.NoError(t, err)
	var back source.SavedRange
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, saved, back)
}

// What is taken comes out as it was, and is a range that can be read.
func FuzzRangeJSON(f *testing.F) {
	f.Add([]byte(`{"start":"-5","end":"7","cursor":"AQI="}`))
	f.Add([]byte(`{"start":-5,"end":7}`))
	f.Add([]byte(`{"START":"1","end":"2","end":3}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r source.Range
		if json.Unmarshal(text, &r) != nil {
			return
		}
		require.Less(t, r.Start, r.End)
		again, err := json.Marshal(r)
		require.NoError(t, err)
		var back source.Range
		require.NoError(t, json.Unmarshal(again, &back))
		require.Equal(t, r.Start, back.Start)
		require.Equal(t, r.End, back.End)
		require.Equal(t, string(r.Cursor), string(back.Cursor))
	})
}
