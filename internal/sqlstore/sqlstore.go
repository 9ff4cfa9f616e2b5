// Package sqlstore has what the stores in tables of SQL databases share, and all
// that differs between these databases.
//
// A statement is written once. It has {table} where the table's name belongs and ?
// where an argument does, which therefore stands nowhere else in it, not even in
// quotes. An upsert is written as in PostgreSQL and SQLite, with a column of the
// stored row as {table}.column:
//
//	INSERT INTO {table} (id, n) VALUES (?, ?)
//	ON CONFLICT (id) DO UPDATE SET n = {table}.n + excluded.n
//
// {now} is the present by the database's clock, in Unix microseconds, and {primary} a
// column for [Primary].
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// maxTable is the length of the longest name in PostgreSQL.
const maxTable = 63

// A Statement is a text, and where it belongs once it is prepared.
type Statement struct {
	Into **sql.Stmt
	Text string

	// MySQL is the text for MySQL and MariaDB, with the same arguments, where no
	// text fits them as well as the others. Usually it is empty.
	MySQL string
}

// A Table is a table of a database whose kind is known. It is safe for concurrent
// use.
type Table struct {
	db      *sql.DB
	dialect Dialect
	higher  bool // the database is set to a higher level of isolation than single statements need
	name    string
}

// Open finds out which kind of database it is in which the table is, or the usual
// one if the name is empty. It is an error if the database is nil, the name is
// none of a table, the database does not answer, or it is of no kind that is known
// here. Whether there is such a table is not looked at.
func Open(ctx context.Context, db *sql.DB, table, usual string) (*Table, error) {
	name, err := tableName(table, usual)
	if err != nil {
		return nil, err
	}
	if db == nil {
		return nil, errors.New("the DB is nil")
	}
	t := &Table{db: db, name: name}
	if t.dialect, err = Detect(ctx, db); err != nil {
		return nil, err
	}
	t.higher, err = t.dialect.higher(ctx, db)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Prepare prepares the statements. It is an error if one does not fit the
// database; then none stays prepared, and what they belong into is nil.
func (t *Table) Prepare(ctx context.Context, statements []Statement) error {
	for i, s := range statements {
		var err error
		if *s.Into, err = t.db.PrepareContext(ctx, t.dialect.text(s, t.name)); err != nil {
			for _, prepared := range statements[:i] {
				_ = (*prepared.Into).Close() // what is wrong is known
				*prepared.Into = nil
			}
			*s.Into = nil
			return fmt.Errorf("prepare statement for the table, which the Schema functions of the package make: %w", err)
		}
	}
	return nil
}

// Dialect returns the kind of the database.
func (t *Table) Dialect() Dialect { return t.dialect }

// Write runs f in a transaction, in which it sees what others have committed by
// the time of each of its statements, and commits. After an error nothing has
// changed, unless it is the answer to the commit that was lost on the way.
func (t *Table) Write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := t.db.BeginTx(ctx, t.dialect.writing())
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Exec executes a statement that writes, as a transaction of its own, and returns
// how many rows it has written. Like those of Write it goes by what others have
// committed when it gets a row. After an error it has done nothing, unless the
// answer was lost on the way.
//
// MySQL does not count rows that were already as the statement makes them, unless
// the name of the data source asks for it: where the number decides, a statement
// must change each row that it finds.
func (t *Table) Exec(ctx context.Context, statement *sql.Stmt, args ...any) (n int64, err error) {
	if !t.higher {
		return affected(statement.ExecContext(ctx, args...))
	}
	err = t.Write(ctx, func(tx *sql.Tx) error {
		n, err = affected(tx.StmtContext(ctx, statement).ExecContext(ctx, args...))
		return err
	})
	return n, err
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// attempts is how often [Again] tries.
const attempts = 3

// Again calls f until it succeeds, or the context is done, or it has failed three
// times. It is for what does no harm when it is done twice: the database may have
// closed the connection meanwhile, or have ended the transaction in favour of
// another one.
func Again(ctx context.Context, f func() error) (err error) {
	for range attempts {
		if err = f(); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// Again is like the function, but calls f once where the database is SQLite: it has
// no connection to lose, ends nothing in favour of others, and whoever did not get
// its lock has waited for as long as they wanted to.
func (t *Table) Again(ctx context.Context, f func() error) error {
	if t.dialect == SQLite {
		return f()
	}
	return Again(ctx, f)
}

// ExecAgain is like Exec, for a statement that does no harm when it is executed twice:
// it may be tried three times, except in SQLite. The number is that of the last time.
func (t *Table) ExecAgain(ctx context.Context, statement *sql.Stmt, args ...any) (n int64, err error) {
	err = t.Again(ctx, func() error {
		n, err = t.Exec(ctx, statement, args...)
		return err
	})
	return n, err
}

// Bytes returns a text as the argument for a column that holds its bytes, whatever
// they are: TEXT in SQLite, bytea in PostgreSQL, where a string would be read as
// the notation of one, and VARBINARY in MySQL.
func (t *Table) Bytes(text string) any {
	if t.dialect == SQLite {
		return text
	}
	return []byte(text)
}

// letters are those of which the names of tables and columns are made, with digits.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

// tableName returns the name of the table, which cannot end the quotes that it is put in.
func tableName(name, usual string) (string, error) {
	if name == "" {
		return usual, nil
	}
	if !isName(name) {
		return "", errors.New("the table's name is not one of 1 to 63 letters, digits and underscores that begins with no digit")
	}
	return name, nil
}

func isName(name string) bool {
	return name != "" && len(name) <= maxTable && strings.Trim(name, letters+"0123456789") == "" && strings.Contains(letters, name[:1])
}

// Column returns the name of a column, or the usual one if it is empty, in quotes
// for a statement.
func (t *Table) Column(name, usual string) (string, error) {
	if name == "" {
		name = usual
	}
	if !isName(name) {
		return "", errors.New("a column's name is not one of 1 to 63 letters, digits and underscores that begins with no digit")
	}
	return t.dialect.quote(name), nil
}
