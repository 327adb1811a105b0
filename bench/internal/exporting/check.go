package exporting

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// Check looks into the files of a directory, CSV or JSON Lines by their names: whether each of the rows is there once.
func Check(dir string, rows int) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	there := make([]bool, rows)
	n := 0
	for _, name := range files {
		if err := eachID(name, func(id int) error {
			if id < 0 || id >= rows || there[id] {
				return fmt.Errorf("%s has the row %d twice, or should not have it", name, id)
			}
			there[id] = true
			n++
			return nil
		}); err != nil {
			return err
		}
	}
	if n != rows {
		return fmt.Errorf("the files in %s have %d rows instead of %d", dir, n, rows)
	}
	return nil
}

func eachID(name string, f func(int) error) error {
	next := map[string]func(io.Reader) func() (int, error){".csv": csvIDs, ".jsonl": jsonIDs}[filepath.Ext(name)]
	if next == nil {
		return fmt.Errorf("%s is neither CSV nor JSON Lines", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	for id := next(bufio.NewReaderSize(file, 1<<16)); ; {
		n, err := id()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f(n)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// csvIDs gives the second cell of each line: all contestants begin with the key.
func csvIDs(file io.Reader) func() (int, error) {
	lines := csv.NewReader(file)
	lines.ReuseRecord = true
	return func() (int, error) {
		record, err := lines.Read()
		if err != nil {
			return 0, err
		}
		if len(record) != 7 {
			return 0, fmt.Errorf("a line of %d cells", len(record))
		}
		return strconv.Atoi(record[1])
	}
}

func jsonIDs(file io.Reader) func() (int, error) {
	lines := bufio.NewScanner(file)
	return func() (int, error) {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
		var row map[string]json.RawMessage
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return 0, err
		}
		if len(row) != 7 {
			return 0, fmt.Errorf("a line of %d cells", len(row))
		}
		return strconv.Atoi(string(bytes.TrimSpace(row["id"])))
	}
}
