package sink

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// MediaType is what [HTTP] can answer with. What is told of each is also how it shows that the stream has failed after
// rows were sent; see [Response.Write] for what all of them do then.
type MediaType string

const (
	// NDJSON is one JSON value a line. A failure is a last line {"error":{…}} with problem details
	// (RFC 9457).
	NDJSON MediaType = "application/x-ndjson"
	// JSONArray is one JSON array. After a failure it is left without its closing bracket, and so no JSON.
	JSONArray MediaType = "application/json"
	// TextCSV is comma-separated values with a line of names, as [CSV] has them, for structs and schematic rows. It cannot
	// show a failure.
	TextCSV MediaType = "text/csv"
	// EventStream is server-sent events, as a browser's EventSource reads them: each row is the data of an event
	// "message", in JSON. The end is an event "end", with {"rows":n}: it tells the client to close, since a browser
	// reconnects to a stream that just ends. A failure is an event "error" with problem details.
	EventStream MediaType = "text/event-stream"
)

var allMediaTypes = []MediaType{NDJSON, JSONArray, TextCSV, EventStream}

// offered are the media types that are offered of Ts unless told otherwise.
func offered[T any]() []MediaType {
	t := reflect.TypeFor[T]()
	if t.Implements(reflect.TypeFor[Schematic]()) || t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		return allMediaTypes
	}
	return []MediaType{NDJSON, JSONArray, EventStream}
}

// contentType is the value of the header.
func (m MediaType) contentType() string {
	if strings.HasPrefix(string(m), "text/") {
		return string(m) + "; charset=utf-8"
	}
	return string(m)
}

// layout is what a media type has around its rows. Each method appends to dst.
type layout[T any] interface {
	begin(dst []byte, first *T) ([]byte, error) // first is nil if no row has come yet
	row(dst []byte, v T) ([]byte, error)
	end(dst []byte, rows int64) []byte
	fail(dst []byte, problem []byte) []byte // instead of end
	beat(dst []byte) []byte                 // something that shows that the stream is alive
}

// newLayout is the layout of x for a media type.
func (x Response[T]) newLayout(m MediaType) layout[T] {
	json := JSONL[T]().Encoder()
	switch m {
	case JSONArray:
		return &arrayLayout[T]{json: json, comma: '['}
	case EventStream:
		return &eventLayout[T]{json: json, id: x.id, reconnect: x.reconnect}
	case TextCSV:
		return &lineLayout[T]{lines: x.csv.Encoder(), mute: true}
	default:
		return &lineLayout[T]{lines: json}
	}
}

type lineLayout[T any] struct {
	lines Encoder[T]
	mute  bool // there is no line for a failure
}

func (l *lineLayout[T]) begin(dst []byte, first *T) ([]byte, error) {
	return l.lines.Header(dst, first)
}
func (l *lineLayout[T]) row(dst []byte, v T) ([]byte, error) { return l.lines.Append(dst, v) }
func (l *lineLayout[T]) end(dst []byte, _ int64) []byte      { return dst }
func (l *lineLayout[T]) beat(dst []byte) []byte              { return dst }

func (l *lineLayout[T]) fail(dst, problem []byte) []byte {
	if l.mute {
		return dst
	}
	return append(append(append(dst, `{"error":`...), problem...), "}\n"...)
}

type arrayLayout[T any] struct {
	json  Encoder[T] // ends each value with a line end
	comma byte       // what is before the next row
}

func (l *arrayLayout[T]) begin(dst []byte, _ *T) ([]byte, error) { return dst, nil }

func (l *arrayLayout[T]) row(dst []byte, v T) ([]byte, error) {
	dst = append(dst, l.comma)
	l.comma = ','
	return l.json.Append(dst, v)
}

func (l *arrayLayout[T]) end(dst []byte, rows int64) []byte {
	if rows == 0 {
		dst = append(dst, l.comma)
	}
	return append(dst, "]\n"...)
}

func (l *arrayLayout[T]) fail(dst, _ []byte) []byte { return dst }
func (l *arrayLayout[T]) beat(dst []byte) []byte    { return dst }

// eventLayout follows https://html.spec.whatwg.org/multipage/server-sent-events.html.
type eventLayout[T any] struct {
	json      Encoder[T]
	id        func(T) string
	reconnect time.Duration
}

func (l *eventLayout[T]) begin(dst []byte, _ *T) ([]byte, error) {
	return append(strconv.AppendInt(append(dst, "retry: "...), l.reconnect.Milliseconds(), 10), "\n\n"...), nil
}

var errEventID = errors.New("its event id has a line end or a zero byte")

func (l *eventLayout[T]) row(dst []byte, v T) ([]byte, error) {
	if l.id != nil {
		id := l.id(v)
		if strings.ContainsAny(id, "\r\n\x00") {
			return dst, errEventID
		}
		dst = append(append(append(dst, "id: "...), id...), '\n')
	}
	dst, err := l.json.Append(append(dst, "data: "...), v)
	return append(dst, '\n'), err
}

func (l *eventLayout[T]) end(dst []byte, rows int64) []byte {
	return append(strconv.AppendInt(append(dst, "event: end\ndata: {\"rows\":"...), rows, 10), "}\n\n"...)
}

func (l *eventLayout[T]) fail(dst, problem []byte) []byte {
	return append(append(append(dst, "event: error\ndata: "...), problem...), "\n\n"...)
}

func (l *eventLayout[T]) beat(dst []byte) []byte { return append(dst, ":\n\n"...) }
