// Package wire reads what a page of rows is made of in the native protocol: cells, each with its length in front of it.
package wire

import (
	"encoding/binary"
	"errors"
)

// ErrShort is a page that ends in the middle of a row.
var ErrShort = errors.New("the server's page is malformed: it ends in the middle of a row")

// Cell takes the cell that page begins with, nil for null, and gives what is behind it. An append to the cell copies it.
// It is small enough for the compiler to put it where it is called.
func Cell(page []byte) (cell, rest []byte, err error) {
	if len(page) < 4 {
		return nil, nil, ErrShort
	}
	n := int(int32(binary.BigEndian.Uint32(page)))
	switch page = page[4:]; {
	case n < 0:
		return nil, page, nil
	case n > len(page):
		return nil, nil, ErrShort
	}
	return page[:n:n], page[n:], nil
}

// Row takes as many cells as there is space for, and gives what is behind them.
func Row(cells [][]byte, page []byte) (rest []byte, err error) {
	for i := range cells {
		if cells[i], page, err = Cell(page); err != nil {
			return nil, err
		}
	}
	return page, nil
}
