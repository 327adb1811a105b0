package flow

import (
	"encoding/json"
	"math"
	"slices"
)

// MarshalJSON leaves out the values that JSON has no numbers for: a limiter, say, may allow infinitely much.
func (s Stage) MarshalJSON() ([]byte, error) {
	type stage Stage // without this method
	if slices.ContainsFunc(s.Values, notFinite) {
		s.Values = slices.DeleteFunc(slices.Clone(s.Values), notFinite)
	}
	return json.Marshal(stage(s))
}

func notFinite(v Value) bool { return math.IsInf(v.Value, 0) || math.IsNaN(v.Value) }
