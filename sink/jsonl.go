package sink

import (
	"bytes"
	"encoding/json"
)

// JSONLines writes one JSON value a line (jsonlines.org, NDJSON). Make one with [JSONL].
type JSONLines[T any] struct{}

// JSONL makes the format of JSON lines. Items are written as encoding/json has them.
func JSONL[T any]() JSONLines[T] { return JSONLines[T]{} }

// Encoder makes what one file is written with; see [Format].
func (JSONLines[T]) Encoder() Encoder[T] {
	e := &jsonEncoder[T]{}
	e.json = json.NewEncoder(&e.line)
	e.json.SetEscapeHTML(false)
	return e
}

type jsonEncoder[T any] struct {
	line bytes.Buffer
	json *json.Encoder
}

func (*jsonEncoder[T]) Header(dst []byte, _ *T) ([]byte, error) { return dst, nil }

func (e *jsonEncoder[T]) Append(dst []byte, item T) ([]byte, error) {
	e.line.Reset()
	if err := e.json.Encode(item); err != nil {
		return dst, err
	}
	return append(dst, e.line.Bytes()...), nil
}
