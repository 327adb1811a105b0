package bridge_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/reactivex/rxgo/v2"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
)

var (
	row  = regexp.MustCompile(`^//\t(\w+(?:, \w+)*)  +(\S.*)$`)
	name = regexp.MustCompile(`\b(op|rx|bridge|Observable)\.([A-Z]\w*)`)
)

// replacements are the rows of the table in table.go, by the names in their first column.
func replacements(t *testing.T) map[string]string {
	text, err := os.ReadFile("table.go")
	require.NoError(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if m := row.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			for of := range strings.SplitSeq(m[1], ", ") {
				rows[of] = m[2]
			}
		}
	}
	return rows
}

func TestEveryOperatorOfRxgosIsInTheTable(t *testing.T) {
	table := replacements(t)
	all := map[string]bool{}
	observable := reflect.TypeFor[rxgo.Observable]()
	for i := range observable.NumMethod() {
		all[observable.Method(i).Name] = true
	}
	for _, file := range []string{sourceOf(rxgo.Amb), sourceOf(rxgo.WithContext)} {
		functions, _ := exported(t, file)
		for _, f := range functions {
			all[f] = true
		}
	}
	for _, known := range []string{"BackOffRetry", "Timer", "WithCPUPool"} {
		require.Contains(t, all, known)
	}
	for of := range all {
		require.NotEmpty(t, table[of], "table.go says nothing of rxgo's %s", of)
	}
	for of := range table {
		require.True(t, all[of], "rxgo has no %s", of)
	}
}

func TestWhatTheTableNamesExists(t *testing.T) {
	exists := map[string]bool{}
	for prefix, dir := range map[string]string{"op.": "../../operators", "rx.": "..", "bridge.": "."} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			functions, types := exported(t, file)
			for _, name := range append(functions, types...) {
				exists[prefix+name] = true
			}
		}
	}
	stream := reflect.TypeFor[rx.Observable[int]]()
	for i := range stream.NumMethod() {
		exists["Observable."+stream.Method(i).Name] = true
	}
	var missing []string
	for of, text := range replacements(t) {
		names := name.FindAllString(text, -1)
		if len(names) == 0 {
			require.Contains(t, text, "plain Go", "%s is replaced by nothing", of)
		}
		for _, name := range names {
			if !exists[name] {
				missing = append(missing, name+" for "+of)
			}
		}
	}
	require.Empty(t, missing)
}

// exported are the exported functions, without methods, and types that a file declares.
func exported(t *testing.T, file string) (functions, types []string) {
	if strings.HasSuffix(file, "_test.go") {
		return nil, nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				functions = append(functions, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
					types = append(types, s.Name.Name)
				}
			}
		}
	}
	return functions, types
}

// sourceOf is the file that a function is declared in.
func sourceOf(f any) string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).FileLine(0)
	return file
}
