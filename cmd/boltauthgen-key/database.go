package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

// options are the flags that all commands have.
type options struct {
	db    string
	table string
}

// path returns the path of the SQLite file. An error shows no more of the flag than what is there before a colon:
// behind that may be a password.
func (o options) path() (string, error) {
	kind, path, found := strings.Cut(o.db, ":")
	switch {
	case o.db == "":
		return "", errors.New("--db is missing\nsay which database, as in --db sqlite:app.db")
	case !found:
		return "", fmt.Errorf("--db %s: what kind of database?\nwrite --db sqlite:%[1]s", o.db)
	case kind != "sqlite":
		return "", fmt.Errorf("--db: there is no driver for %q here\nthere is one for sqlite, as in --db sqlite:app.db", kind)
	case path == "":
		return "", errors.New("--db: the path is missing, as in --db sqlite:app.db")
	}
	return path, nil
}

// open opens the database. Its file must be there unless it is to be made.
func (o options) open(make bool) (*sql.DB, error) {
	path, err := o.path()
	if err != nil {
		return nil, err
	}
	mode := "rw"
	if make {
		mode = "rwc"
	} else if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil, fmt.Errorf("there is no file %s\nmake it, and the table, with: %s", path, o.initLine())
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive of Windows
		path = "/" + path
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {mode}, "_pragma": {"busy_timeout(5000)"}}.Encode()}
	return sql.Open("sqlite", name.String())
}

// store calls f with the table.
func (o options) store(ctx context.Context, f func(*apikey.SQL) error) error {
	db, err := o.open(false)
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := apikey.NewSQL(ctx, apikey.SQLConfig{DB: db, Table: o.table})
	if err != nil {
		return o.explain(err)
	}
	return f(store)
}

// explain adds to an error about a table what to do.
func (o options) explain(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "no such table"):
		return fmt.Errorf("there is no table of keys in %s\nmake it with: %s", o.db, o.initLine())
	case strings.Contains(text, "no such column"), strings.Contains(text, "has no column"):
		return fmt.Errorf("%w\nthe table is none of keys; name another with --table", err)
	}
	return fmt.Errorf("%s: %w", o.db, err)
}

// initLine is the call that makes the table.
func (o options) initLine() string {
	line := program + " init --db " + o.db
	if o.table != "" {
		line += " --table " + o.table
	}
	return line
}

// create makes the table, and the file if need be, and leaves what is there.
func (o options) create(ctx context.Context, schema string) error {
	db, err := o.open(true)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("make table: %w", err)
	}
	if _, err := apikey.NewSQL(ctx, apikey.SQLConfig{DB: db, Table: o.table}); err != nil {
		return o.explain(err)
	}
	return nil
}
