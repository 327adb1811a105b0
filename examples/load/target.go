package main

import (
	"bytes"
	"context"
	"fmt"
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
	if s.cluster.Named() {
		config, err := s.cluster.Config()
		if err != nil {
			return nil, nil, err
		}
		t.session, err = s.cluster.Connect(ctx, config)
		if err != nil {
			return nil, nil, err
		}
		return t, t.session.Close, nil
	}
	server := cqltest.NewServer(cqltest.LogSize(0))
	sample.Write(server, sample.Table, 0)
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	t.session = session
	fmt.Fprintf(log, "Running against a test server inside this process, with a table %s; -hosts 10.0.0.1 uses your cluster.\n", sample.Table)
	if s.file == "" && s.replay == "" {
		text, err := madeUp(ctx, s.rows)
		if err != nil {
			session.Close()
			server.Close()
			return nil, nil, err
		}
		t.text, t.size = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, int64(len(text))
	}
	return t, func() { session.Close(); server.Close() }, nil
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
