package connect

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	flags := NewFlags("count", "count [flags] counts.")
	rows := flags.Int("rows", 7, "`number` of rows")
	var out bytes.Buffer

	help, err := Parse(flags, []string{"-rows=8", "table"}, &out)
	require.NoError(t, err)
	require.False(t, help)
	require.Equal(t, 8, *rows)
	require.Equal(t, []string{"table"}, flags.Args())

	help, err = Parse(flags, []string{"-columns"}, &out)
	require.EqualError(t, err, "flag provided but not defined: -columns; -h lists the flags")
	require.False(t, help)
	require.Empty(t, out.String())

	help, err = Parse(flags, []string{"-h"}, &out)
	require.NoError(t, err)
	require.True(t, help)
	require.Equal(t, "count [flags] counts.\n  -rows number\n    \tnumber of rows (default 7)\n", out.String())
}
