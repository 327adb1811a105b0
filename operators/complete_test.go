package operators_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryOperatorIsComplete sees to it that whoever adds an operator adds what belongs to it: its line in the table of
// doc.go, an example, a benchmark, and an entry in the table of those that keep the contract.
func TestEveryOperatorIsComplete(t *testing.T) {
	conforming := map[string]bool{}
	for _, o := range everyOperator() {
		name, _, _ := strings.Cut(o.name, " ")
		conforming[name] = true
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	functions := declared(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") })

	names := operatorNames(t)
	require.Contains(t, names, "Map")
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			require.Regexp(t, regexp.MustCompile(`(?m)^//\t`+name+` +\S.* {2}(yes|no|per \w+) +\S.* {2}\S`), string(doc), "a line in the table of doc.go")
			has := func(prefix string) bool {
				return slices.ContainsFunc(functions, func(f *ast.FuncDecl) bool {
					rest, ok := strings.CutPrefix(f.Name.Name, prefix+name)
					return ok && (rest == "" || rest[0] == '_')
				})
			}
			require.True(t, has("Example"), "an example")
			require.True(t, has("Benchmark"), "a benchmark")
			require.True(t, conforming[name] || name == "Broadcast", "an entry in a table of everyOperator")
		})
	}
}

// operatorNames are the functions of the package that make a stream of streams, or run one.
func operatorNames(t *testing.T) []string {
	var names []string
	for _, f := range declared(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		if f.Recv != nil || !f.Name.IsExported() || !mentionsStream(f.Type.Params) {
			continue
		}
		names = append(names, f.Name.Name)
	}
	return names
}

// mentionsStream tells whether a parameter is an Observable, or several.
func mentionsStream(fields *ast.FieldList) bool {
	return slices.ContainsFunc(fields.List, func(f *ast.Field) bool {
		typ := f.Type
		if many, ok := typ.(*ast.Ellipsis); ok {
			typ = many.Elt
		}
		index, ok := typ.(*ast.IndexExpr)
		if !ok {
			return false
		}
		named, ok := index.X.(*ast.SelectorExpr)
		return ok && named.Sel.Name == "Observable"
	})
}

// declared are the functions of the package's files whose names are chosen.
func declared(t *testing.T, choose func(name string) bool) []*ast.FuncDecl {
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	var functions []*ast.FuncDecl
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || !choose(file.Name()) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions = append(functions, f)
			}
		}
	}
	return functions
}
