package cql

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/lex"
)

// Prepared is what a server tells about a statement when it prepares it.
type Prepared struct {
	// Arguments are the statement's markers in their order: the name of each, or that of the column that it stands for,
	// and its type. An element of a tuple or collection that is written as (?, ?) is an argument of its own.
	Arguments []Column
	// PartitionKey are the places in Arguments of the partition key's columns, in the key's order. It is nil if one of
	// them has no marker of its own, so that the partition cannot be told from the arguments.
	PartitionKey []int
	// Columns are the result's; none for a statement that gives no rows.
	Columns []Column
}

// Prepare asks a server what a SELECT, INSERT, UPDATE or DELETE wants and gives, without executing it. What it tells is
// of the schema as it is now, unless the session shares its statements; see [Defaults]. The statement stays prepared
// for whoever executes it. It does not retry.
func (s *Session) Prepare(ctx context.Context, statement string) (Prepared, error) {
	var p Prepared
	err := s.do(ctx, "prepare", statement, 0, func(ctx context.Context) (err error) {
		p, err = s.driver.Prepare(ctx, statement)
		return err
	})
	return p, err
}

var (
	errLearnt      = errors.New("the statement is prepared, and not to be executed")
	errNotPrepared = errors.New("only a SELECT, INSERT, UPDATE or DELETE can be prepared")
)

// Prepare has the driver begin to execute the statement, and stops it where it asks for the arguments.
func (d *gocqlDriver) Prepare(ctx context.Context, statement string) (Prepared, error) {
	text := preparable(statement)
	// The driver executes at once what it does not prepare.
	if word := strings.ToLower(text[:lex.Word(text)]); !slices.Contains([]string{"select", "insert", "update", "delete"}, word) {
		return Prepared{}, errNotPrepared
	}
	text, err := d.presentText(ctx, text)
	if err != nil {
		return Prepared{}, err
	}
	var p Prepared
	learn := func(info *gocql.QueryInfo) ([]any, error) {
		p = Prepared{Arguments: columnsOf(info.Args), Columns: columnsOf(info.Rval)}
		if len(info.PKeyColumns) > 0 {
			p.PartitionKey = slices.Clone(info.PKeyColumns)
		}
		return nil, errLearnt
	}
	iter := d.session.Bind(text, learn).WithContext(ctx).
		Observer(nil). // which would take it for a query that fails
		RetryPolicy(nil).
		SetSpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{}).
		Iter()
	if err := iter.Close(); !errors.Is(err, errLearnt) {
		return Prepared{}, AtHost(hostOf(iter), err)
	}
	return p, nil
}

// presentText gives the text under which a statement is prepared for the schema as it is now.
func (d *gocqlDriver) presentText(ctx context.Context, statement string) (string, error) {
	if d.texts == nil {
		return statement, nil
	}
	schema, err := d.schema.versions(ctx, d.schemaVersions)
	if err != nil {
		return "", err
	}
	d.texts.renew([]bound{{own: &wording{statement: statement, began: d.texts.of(statement)}}}, schema)
	return d.texts.text(statement, d.texts.of(statement)), nil
}

func columnsOf(infos []gocql.ColumnInfo) []Column {
	var columns []Column
	for _, info := range infos {
		columns = append(columns, Column{Name: info.Name, Type: typeOf(info.TypeInfo)})
	}
	return columns
}
