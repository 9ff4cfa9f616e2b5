package main

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net/url"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/session"

	_ "modernc.org/sqlite" // the driver, in Go alone
)

//go:embed schema.sql
var schema string

// openDatabase opens the SQLite database at a path, or one in memory if the path is empty, and makes sure of tables, users and articles.
func openDatabase(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if path == "" {
		db.SetMaxOpenConns(1) // each connection would have a database of its own
	}
	families, err := refresh.SQLiteSchema("")
	if err != nil {
		return nil, err
	}
	sessions, err := session.SQLiteSchema("")
	if err != nil {
		return nil, err
	}
	keys, err := apikey.SQLiteSchema("")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema+families+sessions+keys); err != nil {
		db.Close()
		return nil, fmt.Errorf("create tables: %w", err)
	}
	if err := seed(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("seed database: %w", err)
	}
	return db, nil
}

// dataSource returns the name under which the driver opens a path, whatever characters are in it.
func dataSource(path string) string {
	settings := url.Values{"_pragma": {"busy_timeout(5000)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	if path == "" {
		return "file::memory:?" + settings.Encode()
	}
	settings.Add("_pragma", "journal_mode(WAL)")
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + settings.Encode()
}
