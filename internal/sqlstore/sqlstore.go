// Package sqlstore has what the stores in tables of SQL databases share. Their
// statements write {table} where the table's name belongs.
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
}

// Prepare prepares the statements for a table, or for the usual one if the name is
// empty. It is an error if the database is nil, the name is none of a table, or a
// statement does not fit the database; then none stays prepared, and what they
// belong into is nil.
func Prepare(ctx context.Context, db *sql.DB, table, usual string, statements []Statement) error {
	table, err := tableName(table, usual)
	if err != nil {
		return err
	}
	if db == nil {
		return errors.New("the DB is nil")
	}
	for i, s := range statements {
		// The quotes make room for names that are words of SQL; MySQL has others.
		text := strings.ReplaceAll(s.Text, "{table}", `"`+table+`"`)
		if *s.Into, err = db.PrepareContext(ctx, text); err != nil {
			for _, prepared := range statements[:i] {
				_ = (*prepared.Into).Close() // what is wrong is known
				*prepared.Into = nil
			}
			return fmt.Errorf("prepare statement: %w", err)
		}
	}
	return nil
}

// Schema returns the statements of a schema for a table, or for the usual one if
// the name is empty.
func Schema(schema, table, usual string) (string, error) {
	table, err := tableName(table, usual)
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(schema, "{table}", table), nil
}

// tableName returns the name of the table, which cannot end the quotes that it is put in.
func tableName(name, usual string) (string, error) {
	if name == "" {
		return usual, nil
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	if len(name) > maxTable || strings.Trim(name, letters+"0123456789") != "" || !strings.Contains(letters, name[:1]) {
		return "", errors.New("the table's name is not one of 1 to 63 letters, digits and underscores that begins with no digit")
	}
	return name, nil
}
