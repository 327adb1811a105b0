package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/fields"
	"github.com/rxcql/rxcql/rx"
)

// csvRun is one run over a text.
type csvRun[T any] struct {
	CSVText[T]
	name    string
	of      fs.FileInfo // of the text; see TextError
	records csvRecords
	head    []byte // the record that names the columns

	columns []cql.Column // of the rows
	order   []int        // the column of each field; -1 for one that is passed over
	cells   [][]byte
	block   []byte // the bytes of the cells
	rows    decode.Decoder[T]
}

func (c CSVText[T]) run(ctx context.Context, yield func(Record[T]) bool) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	text, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer text.Close()
	r := csvRun[T]{CSVText: c, name: nameOf(text), of: statOf(text), records: csvRecords{
		text: textReader{ctx, text}, max: c.maxLine, delimiter: c.delimiter, quote: c.quote, escape: c.escape,
	}}
	r.rows.Lenient = c.lenient
	if err := r.begin(ctx); err != nil {
		return cmp.Or(rx.Cause(ctx), err)
	}
	for {
		if err := rx.Cause(ctx); err != nil {
			return err
		}
		switch more, err := r.next(ctx, yield); {
		case err == io.EOF:
			return nil
		case err != nil:
			return cmp.Or(rx.Cause(ctx), err)
		case !more:
			return nil
		}
	}
}

// begin reads the header, binds the columns and goes to where the run is to begin.
func (r *csvRun[T]) begin(ctx context.Context) error {
	known, err := r.known()
	if err != nil {
		return err
	}
	if r.headless {
		err = r.bind(known, known)
	} else {
		var header []cql.Column
		if header, err = r.header(); err == nil {
			err = r.bind(known, header)
		}
		if err == io.EOF && r.lenient {
			return nil // a text without anything in it, which the next record finds too
		}
		if err == io.EOF {
			err = r.fault(0, "", errNoHeader)
		}
	}
	if err != nil {
		return err
	}
	for left := int64(1); left > 0; {
		if err := rx.Cause(ctx); err != nil {
			return err
		}
		if left, err = r.records.skip(r.from, 1<<20); err != nil {
			return r.broken(err)
		}
	}
	return nil
}

// broken says where reading failed.
func (r *csvRun[T]) broken(err error) error {
	if err == io.EOF {
		err = fmt.Errorf("it ends before byte %d, the position to go on from; is it another text?", r.from.Offset)
	}
	return fmt.Errorf("source: %s:%d: %w", r.name, r.records.at.Line+1, err)
}

// known gives the columns that there may be.
func (r *csvRun[T]) known() ([]cql.Column, error) {
	if r.CSVText.columns != nil {
		return r.CSVText.columns, nil
	}
	t := reflect.TypeFor[T]()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || fields.SingleValue(t) || hasRow(t) {
		return nil, fmt.Errorf("source: CSV does not tell the types of its columns: say which they are for a %v by Columns", t)
	}
	list, err := fields.Of(t)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	columns := make([]cql.Column, len(list))
	for i, f := range list {
		if columns[i].Type, err = cqltext.TypeOf(f.Type); err != nil {
			return nil, fmt.Errorf("source: column %q (field %s): %w", f.Column, f.Name, err)
		}
		columns[i].Name = f.Column
	}
	return columns, nil
}

// hasRow tells a type that takes a row's cells itself, whatever columns there are.
func hasRow(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[RowUnmarshaler]())
}

// header reads the names of the columns.
func (r *csvRun[T]) header() ([]cql.Column, error) {
	err := r.records.next()
	var wrong *csvFault
	switch {
	case errors.As(err, &wrong):
		return nil, r.fault(wrong.at, "", wrong.err)
	case err == io.EOF:
		return nil, err
	case err != nil:
		return nil, r.broken(err)
	}
	r.head = slices.Clone(r.records.record())
	header, renamed := make([]cql.Column, len(r.records.fields)), 0
	for i := range header {
		f := r.records.fields[i]
		header[i].Name = strings.Clone(r.records.value(f))
		if !f.quoted {
			header[i].Name = strings.TrimSpace(header[i].Name)
		}
		if to, ok := r.rename[header[i].Name]; ok {
			header[i].Name = to
			renamed++
		}
		if slices.ContainsFunc(header[:i], func(c cql.Column) bool { return c.Name == header[i].Name }) {
			return nil, r.fault(f.from, header[i].Name, errors.New("the header has this column twice; if it is a row and no header, see NoHeader"))
		}
	}
	if renamed < len(r.rename) && !r.lenient {
		return nil, r.fault(0, "", fmt.Errorf("the header does not have all columns that Rename names; it has %s", listed(header)))
	}
	return header, nil
}

// bind finds the columns of the rows, and which field of a record goes into which.
func (r *csvRun[T]) bind(known, header []cql.Column) error {
	t := reflect.TypeFor[T]()
	all := hasRow(t) || t.Kind() == reflect.Pointer && hasRow(t.Elem())
	named := func(columns []cql.Column, name string) int {
		return slices.IndexFunc(columns, func(c cql.Column) bool { return c.Name == name })
	}
	for _, c := range known {
		there := named(header, c.Name) >= 0
		if !there && !r.lenient {
			return r.fault(0, c.Name, r.missing(c.Name, header))
		}
		if there || all {
			r.columns = append(r.columns, c)
		}
	}
	for _, c := range header {
		at := named(r.columns, c.Name)
		if at < 0 && !r.lenient {
			return r.fault(0, c.Name, fmt.Errorf(
				"nobody asked for this column of the header, but for %s; ask for a lenient reading to pass over it", listed(r.columns)))
		}
		r.order = append(r.order, at)
	}
	r.cells = make([][]byte, len(r.columns))
	if err := r.rows.Page(r.columns, 0); err != nil {
		return r.decodeError(err)
	}
	return nil
}

// decodeError tells what does not go into a T.
func (r *csvRun[T]) decodeError(err error) error {
	var cell *decode.Error
	if errors.As(err, &cell) {
		if r.CSVText.columns == nil {
			cell.CQLType = "" // nobody has said it: it is not that of a table
		}
		return (*DecodeError)(cell)
	}
	return fmt.Errorf("source: %w", err)
}

// next reads a record and yields it, unless it is no row and it was decided to go on without it.
func (r *csvRun[T]) next(ctx context.Context, yield func(Record[T]) bool) (more bool, err error) {
	err = r.records.next()
	record := Record[T]{Start: r.records.at, End: r.records.end}
	var wrong *TextError
	fault, bad := err.(*csvFault) // errors.As would allocate for each record
	switch {
	case err == nil && r.blank():
		return true, nil
	case err == nil:
		record.Row, wrong = r.row()
	case bad:
		wrong = r.fault(fault.at, "", fault.err)
	case err == io.EOF:
		return false, err
	default:
		return false, r.broken(err)
	}
	switch {
	case wrong == nil:
		return yield(record), nil
	case r.on == nil:
		return false, wrong
	}
	return true, r.on(ctx, wrong)
}

// blank tells a line without anything in it, which is a record only where there is one column.
func (r *csvRun[T]) blank() bool {
	list := r.records.fields
	return len(list) == 1 && len(r.order) > 1 && !list[0].quoted && list[0].from == list[0].to
}

// row makes a row of the record.
func (r *csvRun[T]) row() (row T, wrong *TextError) {
	list := r.records.fields
	if len(list) != len(r.order) {
		return row, r.fault(0, "", fmt.Errorf("the record has %d fields, and there are %d columns", len(list), len(r.order)))
	}
	clear(r.cells)
	r.block = r.block[:0]
	for i, f := range list {
		at := r.order[i]
		if at < 0 {
			continue
		}
		column := &r.columns[at]
		text := r.records.value(f)
		if !f.quoted && text == r.null || text == "" && !cqltext.IsText(&column.Type) {
			continue
		}
		start := len(r.block)
		var err error
		if r.block, err = cqltext.AppendCell(r.block, &column.Type, text, r.null); err != nil {
			return row, r.fault(f.from, column.Name, err)
		}
		if r.block == nil {
			r.block = []byte{} // an empty text is not null
		}
		r.cells[at] = r.block[start:len(r.block):len(r.block)]
	}
	err := r.rows.Page(r.columns, 1)
	if err == nil {
		row, err = r.rows.Row(r.cells)
	}
	if err == nil {
		return row, nil
	}
	err = r.decodeError(err)
	var cell *DecodeError
	if !errors.As(err, &cell) {
		return row, r.fault(0, "", err)
	}
	cell.Row = -1 // it is no page's
	from := 0
	for i, at := range r.order {
		if at >= 0 && r.columns[at].Name == cell.Column {
			from = list[i].from
		}
	}
	return row, r.fault(from, cell.Column, cell)
}

// fault makes an error of what is wrong at a byte of the record.
func (r *csvRun[T]) fault(at int, column string, err error) *TextError {
	record := r.records.record()
	before := string(record[:min(at, len(record))])
	lines := strings.Count(before, "\n")
	return &TextError{
		File: r.name, Line: r.records.at.Line + int64(lines) + 1, Column: len(before) - strings.LastIndexByte(before, '\n'),
		ColumnName: column, Header: r.head, Record: slices.Clone(record), Err: err, of: r.of,
	}
}
