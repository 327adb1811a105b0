package source

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// taken is what came of a text: the fields of each record, with those in quotes in these, or what is wrong with it, and
// its text.
type taken struct {
	fields []string
	fault  string
	text   string
}

func takeAll(t testing.TB, c *csvRecords) (all []taken) {
	end := c.end
	for {
		err := c.next()
		if err == io.EOF {
			return all
		}
		var one taken
		var fault *csvFault
		if errors.As(err, &fault) {
			one.fault = fault.Error()
			require.LessOrEqual(t, fault.at, c.size)
		} else {
			require.NoError(t, err)
			for _, f := range c.fields {
				value := strings.Clone(c.value(f))
				if f.quoted {
					value = `"` + value + `"`
				}
				one.fields = append(one.fields, value)
			}
		}
		one.text = string(c.record())
		all = append(all, one)
		require.GreaterOrEqual(t, c.at.Offset, end.Offset)
		require.Equal(t, end.Line, c.at.Line)
		end = c.end
	}
}

func TestRecordsOfCSV(t *testing.T) {
	for _, c := range []struct {
		text   string
		escape byte
		want   []string // fields with | between them, or ! and what is wrong, then = and the text of the record
	}{
		{"", '"', nil},
		{"a,b\n1,2\n", '"', []string{"a|b", "1|2"}},
		{"a,b\r\n,\r\n", '"', []string{"a|b", "|"}},
		{"a", '"', []string{"a"}},
		{"a,", '"', []string{"a|"}},
		{"a\r", '"', []string{"a"}},
		{"a\rb", '"', []string{"a\rb"}},
		{"\n\n", '"', []string{"", ""}},
		{`"",""""` + "\n", '"', []string{`""|"""`}},
		{"\"a\r\nb\",\"c,d\"\r\ne", '"', []string{"\"a\r\nb\"|\"c,d\"", "e"}},
		{`"a"` + "\r", '"', []string{`"a"`}},
		{"\ufeffa,b\n\ufeff\n", '"', []string{"a|b", "\ufeff"}},
		{"\ufeff\"a\"\n", '"', []string{`"a"`}},
		{"\ufeff", '"', nil},
		{"a\"b,c\nd\n", '"', []string{"!there is a quote in=a\"b,c\n", "d"}},
		{"1,\"a\"b\nd\n", '"', []string{"!there is neither=1,\"a\"b\n", "d"}},
		{"1,\"a\nb\n\"c\n2\n", '"', []string{"!the quote that=1,\"a\n", "b", "!the quote that=\"c\n", "2"}},
		{"\"a\nb\",\"c\nd\n", '"', []string{"!the quote that=\"a\nb\",\"c\n", "d"}},
		{"\"a\nb\",\"c\nd\"e\n", '"', []string{"!the quote that=\"a\nb\",\"c\n", "!there is a quote in=d\"e\n"}},
		{"1,\"a\n2\n3", '"', []string{"!the quote that=1,\"a\n", "2", "3"}},
		{`1,"a`, '"', []string{`!the quote that=1,"a`}},
		{`"a\"b",c\"d,e\,f,g\\,\` + "\nh\n" + `\`, '\\', []string{`"a"b"|c"d|e,f|g\|` + "\nh", `\`}},
		{`"a""` + "\nb\n", '\\', []string{"!there is neither=\"a\"\"\n", "b"}},
		{`"a\`, '\\', []string{`!the quote that="a\`}},
		{"0123456789,01234567890123456789\n1\n", '"', []string{"!the record is longer=0123456789,0123456789012345678", "1"}},
		{"0123456789,012345678901234567\n1", '"', []string{"0123456789|012345678901234567", "1"}},
		{"\"123456789\n0123456789012345678\n\"\n1\n", '"', []string{"!the record is longer=\"123456789\n", "0123456789012345678", "!the quote that=\"\n", "1"}},
	} {
		for name, read := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "end": iotest.DataErrReader,
		} {
			records := &csvRecords{text: read(strings.NewReader(c.text)), max: 30, delimiter: ',', quote: '"', escape: c.escape}
			all := takeAll(t, records)
			require.Len(t, all, len(c.want), "%q %s", c.text, name)
			for i, want := range c.want {
				if fault, text, ok := strings.Cut(want, "="); ok {
					require.True(t, strings.HasPrefix("!"+all[i].fault, fault), "%q %s", c.text, all[i].fault)
					require.Equal(t, text, all[i].text, "%q %s", c.text, name)
					continue
				}
				require.Empty(t, all[i].fault, "%q %s", c.text, name)
				require.Equal(t, want, strings.Join(all[i].fields, "|"), "%q %s", c.text, name)
			}
			require.Equal(t, Position{int64(len(c.text)), int64(strings.Count(c.text, "\n"))}, records.end, "%q %s", c.text, name)
		}
	}
}

// TestWhatIsTooLongIsNotHeld, not even what is a gigabyte long.
func TestWhatIsTooLongIsNotHeld(t *testing.T) {
	long := io.LimitReader(endless{}, 1<<30)
	records := &csvRecords{text: io.MultiReader(strings.NewReader("a\n"), long, strings.NewReader("\n\"b\"\n")), max: 1000, delimiter: ',', quote: '"', escape: '"'}
	all := takeAll(t, records)
	require.Len(t, all, 3)
	require.Equal(t, errLong.Error(), all[1].fault)
	require.Equal(t, []string{`"b"`}, all[2].fields)
	require.Equal(t, Position{Offset: 2 + 1<<30 + 1 + 4, Line: 3}, records.end)
	require.Less(t, cap(records.held), 1<<20)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil } // zeros

func TestReadingFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	records := &csvRecords{text: io.MultiReader(strings.NewReader("a,b\nc,d"), iotest.ErrReader(broken)), max: 1000, delimiter: ',', quote: '"', escape: '"'}
	require.NoError(t, records.next())
	require.Equal(t, broken, records.next(), "half a record is none")
	nothing := &csvRecords{text: textReader{context.Background(), lazy{}}, max: 1000, delimiter: ',', quote: '"', escape: '"'}
	require.Equal(t, io.ErrNoProgress, nothing.next())
}

type lazy struct{}

func (lazy) Read([]byte) (int, error) { return 0, nil }

// FuzzCSV: any text is taken apart into records that make it up, the same however it is read; what encoding/csv has
// nothing against has the same fields.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n\"1\n\"\"\",2\r\n", "\"", "a\"\n\"b\n\nc", "\ufeff\"\",\n"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, backslash bool) {
		escape := byte('"')
		if backslash {
			escape = '\\'
		}
		all := takeAll(t, &csvRecords{text: strings.NewReader(text), max: 1 << 20, delimiter: ',', quote: '"', escape: escape})
		var again strings.Builder
		faults := 0
		for _, one := range all {
			again.WriteString(one.text)
			if one.fault != "" {
				faults++
			}
		}
		require.Equal(t, strings.TrimPrefix(text, "\ufeff"), again.String())
		require.Equal(t, all, takeAll(t, &csvRecords{text: iotest.OneByteReader(strings.NewReader(text)), max: 1 << 20, delimiter: ',', quote: '"', escape: escape}))

		if backslash || strings.Contains(text, "\r") || strings.Contains(text, "\ufeff") {
			return // encoding/csv has no escapes, drops CRs and knows no mark
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		theirs, err := r.ReadAll()
		require.Equal(t, err == nil, faults == 0, "%v", err)
		if err != nil {
			return
		}
		for _, one := range all {
			if one.text == "\n" {
				continue // it passes over such
			}
			for i, field := range one.fields {
				if strings.HasPrefix(field, `"`) {
					one.fields[i] = field[1 : len(field)-1]
				}
			}
			require.Equal(t, theirs[0], one.fields)
			theirs = theirs[1:]
		}
		require.Empty(t, theirs)
	})
}
