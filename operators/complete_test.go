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

// TestEveryOperatorIsComplete sees to it that whoever adds an operator adds what belongs to it: its line in the table
// of doc.go, a comment in the fixed words, which says what the table says, an example, a benchmark, and an entry in the
// table of those that keep the contract.
func TestEveryOperatorIsComplete(t *testing.T) {
	conforming := map[string]bool{}
	for _, o := range everyOperator() {
		name, _, _ := strings.Cut(o.name, " ")
		conforming[name] = true
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	tests := declared(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") })

	operators := declaredOperators(t)
	for _, name := range []string{"Map", "Using", "DeadLetters", "Broadcast", "Hub.Feed", "Hub.Stream"} {
		require.Contains(t, operators, name)
	}
	for name, f := range operators {
		t.Run(name, func(t *testing.T) {
			row := regexp.MustCompile(`(?m)^//\t` + regexp.QuoteMeta(name) + ` +\S.*? {2,}(yes|no|per \w+) {2,}(\S.*?) {2,}\S`).
				FindStringSubmatch(string(doc))
			require.NotNil(t, row, "a line in the table of doc.go")
			words := fixedWords.FindStringSubmatch(strings.ReplaceAll(f.Doc.Text(), "\n", " "))
			require.NotNil(t, words, "a comment that ends with the fixed words of doc.go")
			require.Equal(t, row[1] == "no", words[1] == "Not ordered", "the comment and the table agree on order")
			require.Equal(t, row[2] == "no", words[2] == "Not concurrent", "the comment and the table agree on concurrency")
			require.Equal(t, row[2] == "no, one waits", words[2] == "Not concurrent; a goroutine waits", "on who waits, too")

			typ, _, _ := strings.Cut(name, ".")
			has := func(prefix string) bool {
				return slices.ContainsFunc(tests, func(f *ast.FuncDecl) bool {
					rest, ok := strings.CutPrefix(f.Name.Name, prefix+typ)
					return ok && (rest == "" || rest[0] == '_')
				})
			}
			require.True(t, has("Example"), "an example")
			require.True(t, has("Benchmark"), "a benchmark")
			if mentionsStream(f.Type.Results) {
				require.True(t, conforming[name], "an entry in a table of everyOperator")
			}
		})
	}
}

// fixedWords are those of doc.go, in the last paragraphs of a comment.
var fixedWords = regexp.MustCompile(`  (Ordered|Not ordered)\b.*` +
	` (Not concurrent; a goroutine waits|Not concurrent|Concurrent: )\b?.* Buffers .* On error`)

// declaredOperators are the package's functions and methods that take or make a stream, by their names.
func declaredOperators(t *testing.T) map[string]*ast.FuncDecl {
	operators := map[string]*ast.FuncDecl{}
	for _, f := range declared(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		if !f.Name.IsExported() || !mentionsStream(f.Type.Params) && !mentionsStream(f.Type.Results) {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			typ := f.Recv.List[0].Type
			if pointer, ok := typ.(*ast.StarExpr); ok {
				typ = pointer.X
			}
			if generic, ok := typ.(*ast.IndexExpr); ok {
				typ = generic.X
			}
			receiver := typ.(*ast.Ident)
			if !receiver.IsExported() {
				continue
			}
			name = receiver.Name + "." + name
		}
		operators[name] = f
	}
	return operators
}

// mentionsStream tells whether a parameter or result is an Observable, or several.
func mentionsStream(fields *ast.FieldList) bool {
	return fields != nil && slices.ContainsFunc(fields.List, func(f *ast.Field) bool {
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
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions = append(functions, f)
			}
		}
	}
	return functions
}
