package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// open connects to the cluster, or to a server inside the process, and finds the text.
func open(ctx context.Context, s *settings, log io.Writer) (*target, func(), error) {
	t := &target{text: source.File(s.file)}
	if s.rejected {
		t.text = source.Rejects(s.file)
	}
	if info, err := os.Stat(s.file); err == nil && info.Mode().IsRegular() && plain(s.file) && !s.rejected {
		t.size = info.Size()
	}
	session, disconnect, err := sample.OpenTables(ctx, s.cluster, log, func(server *cqltest.Server) {
		sample.Write(server, sample.Table, 0)
	}, sample.Table)
	if err != nil {
		return nil, nil, err
	}
	t.session = session
	if s.file == "" && s.replay == "" {
		text, err := madeUp(ctx, s.rows)
		if err != nil {
			disconnect()
			return nil, nil, err
		}
		t.text, t.size = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, int64(len(text))
	}
	return t, disconnect, nil
}

// plain tells whether positions in a text are those in the file.
func plain(name string) bool {
	return !strings.HasSuffix(name, ".gz") && !strings.HasSuffix(name, ".zst")
}

// madeUp are rows of the sample's table as JSON lines.
func madeUp(ctx context.Context, rows int) ([]byte, error) {
	server := cqltest.NewServer(cqltest.LogSize(0))
	defer server.Close()
	sample.Fill(server, sample.Table, rows)
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		return nil, err
	}
	defer session.Close()
	var text bytes.Buffer
	_, err = sink.To(&text, sink.JSONL[source.Row]()).Write(ctx, source.Table[source.Row](session, sample.Table).Rows())
	return text.Bytes(), err
}
