// Package storeurl opens stores of revocations by URLs, for programs that have them as settings. It is a module of its
// own since it brings the drivers of all databases.
package storeurl

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Forms are the URLs that Open knows, for help and errors.
const Forms = "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://USER:PASSWORD@HOST:PORT/DATABASE, redis://HOST:PORT/NUMBER"

// A Store is one that was opened.
type Store struct {
	revocation.Feed
	close func() error
}

// Close closes the connections to the server.
func (s *Store) Close() error { return s.close() }

var (
	errForm = errors.New("the URL of the store is none of " + Forms)
	errHost = errors.New("the URL of the store has no host, or no database")
)

// Open opens the store that a URL names. A table that is not there is made. Errors do not hold the URL: there may be a
// password in it.
func Open(ctx context.Context, text string) (*Store, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgreSQL(ctx, text)
	case "mysql":
		return openMySQL(ctx, text)
	case "redis", "rediss":
		return openRedis(ctx, text)
	}
	return nil, errForm
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if path == "" {
		return nil, errForm
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	query := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)"}, "_txlock": {"immediate"}}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return openSQL(ctx, db, revocation.SQLiteSchema)
}

func openPostgreSQL(ctx context.Context, text string) (*Store, error) {
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, errForm // err quotes the URL
	}
	return openSQL(ctx, stdlib.OpenDB(*config), revocation.PostgreSQLSchema)
}

func openMySQL(ctx context.Context, text string) (*Store, error) {
	location, err := url.Parse(text)
	if err != nil {
		return nil, errForm // err quotes the URL
	}
	config := mysql.NewConfig()
	config.User = location.User.Username()
	config.Passwd, _ = location.User.Password()
	config.Net, config.Addr = "tcp", location.Host
	config.DBName = strings.TrimPrefix(location.Path, "/")
	if location.Port() == "" {
		config.Addr = net.JoinHostPort(location.Hostname(), "3306")
	}
	if location.Hostname() == "" || config.DBName == "" {
		return nil, errHost
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errForm
	}
	return openSQL(ctx, sql.OpenDB(connector), revocation.MySQLSchema)
}

// openSQL makes sure of the table, and returns the store. If there is an error the database is closed.
func openSQL(ctx context.Context, db *sql.DB, schemaOf func(string) (string, error)) (_ *Store, err error) {
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	schema, err := schemaOf("")
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("make table of revocations: %w", err)
	}
	store, err := revocation.NewSQL(ctx, revocation.SQLConfig{DB: db})
	if err != nil {
		return nil, err
	}
	return &Store{store, db.Close}, nil
}

func openRedis(ctx context.Context, text string) (*Store, error) {
	options, err := redis.ParseURL(text)
	if err != nil {
		return nil, errForm // err may quote the URL
	}
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	store, err := redisstore.NewRevocation(ctx, redisstore.RevocationConfig{Client: client})
	if err != nil {
		client.Close()
		return nil, err
	}
	return &Store{store, client.Close}, nil
}
