package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// UnmarshalJSON takes what a Range is as JSON, {"start":"-5","end":"7"} with or without a cursor; the bounds may be
// numbers, too. Both must be there and in their order: of half a range nobody could tell what was meant.
//
// A struct that embeds a Range has this method as its own: it gets no other fields then, unless it has an UnmarshalJSON
// itself. Make the Range a field with a name.
func (r *Range) UnmarshalJSON(text []byte) error {
	var is struct {
		Start, End *json.Number
		Cursor     []byte
	}
	if err := json.Unmarshal(text, &is); err != nil {
		return fmt.Errorf("source: a range is like {\"start\":\"-5\",\"end\":\"7\"}: %w", err)
	}
	start, err := bound("start", is.Start)
	if err != nil {
		return err
	}
	end, err := bound("end", is.End)
	if err != nil {
		return err
	}
	if start >= end {
		return fmt.Errorf("source: the range (%d, %d] is empty; its start must be less than its end", start, end)
	}
	*r = Range{Start: start, End: end, Cursor: is.Cursor}
	return nil
}

func bound(name string, is *json.Number) (int64, error) {
	if is == nil {
		return 0, errors.New("source: the range has no " + name)
	}
	n, err := strconv.ParseInt(is.String(), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("source: the range's %s is no token, which is an integer of 64 bits: %w", name, err)
	}
	return n, nil
}

// UnmarshalJSON takes a [Range] with its done.
func (r *SavedRange) UnmarshalJSON(text []byte) error {
	var is struct{ Done bool }
	if err := json.Unmarshal(text, &is); err != nil {
		return err
	}
	r.Done = is.Done
	return r.Range.UnmarshalJSON(text)
}
