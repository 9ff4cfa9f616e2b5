package storeurl

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func TestIsRefused(t *testing.T) {
	for _, err := range []error{
		&pgconn.PgError{Code: "42501"}, &pgconn.PgError{Code: "25006"}, &pgconn.PgError{Code: "28P01"},
		&mysql.MySQLError{Number: 1142}, &mysql.MySQLError{Number: 1290}, &mysql.MySQLError{Number: 1045},
	} {
		assert.True(t, IsRefused(fmt.Errorf("revoke token: %w", err)), err)
	}
	for _, err := range []error{
		nil, io.EOF, errors.New("read only"), &pgconn.PgError{Code: "53100"}, &mysql.MySQLError{Number: 1205}, redis.ErrClosed,
	} {
		assert.False(t, IsRefused(err), err)
	}
}

// A file that is only read will not take a revocation, whoever asks again; one that is locked may.
func TestFileRefuses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	opened(t, Open, "sqlite:"+path)
	place, err := Locate("sqlite:" + path)
	require.NoError(t, err)
	db, err := openFile(path, false)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "PRAGMA query_only = 1")
	require.NoError(t, err)
	db.SetMaxOpenConns(1) // that one
	store, err := openSQL(t.Context(), db, place, "", false)
	require.NoError(t, err)
	defer store.Close()
	err = store.Feed.Revoke(t.Context(), revocation.Token{ID: "1"})
	require.Error(t, err)
	assert.True(t, IsRefused(err), err)
}

// A user who may not write is refused, with the words of the scripts' errors too.
func TestRedisRefuses(t *testing.T) {
	t.Parallel()
	server := startServer(t, newPassword(), "appendonly no")
	at := "@" + server.addr + "/0"
	opened(t, Open, "redis://:"+url.QueryEscape(server.password)+at)
	client := server.client(t)
	require.NoError(t, client.Do(t.Context(), "ACL", "SETUSER", "reader", "on", ">pw", "~*", "&*", "+@all", "-@write", "+eval", "+evalsha").Err())
	require.NoError(t, client.Do(t.Context(), "ACL", "SETUSER", "nobody", "on", ">pw", "~*", "&*", "+@all", "-eval", "-evalsha", "-script").Err())
	for _, user := range []string{"reader", "nobody"} {
		store, err := OpenExisting(t.Context(), "redis://"+user+":pw"+at)
		if err == nil {
			defer store.Close()
			err = store.Feed.Revoke(t.Context(), revocation.Token{ID: "1"})
		}
		require.Error(t, err, user)
		assert.True(t, IsRefused(err), "%s: %v", user, err)
	}
	_, err := OpenExisting(t.Context(), "redis://:wrong"+at)
	assert.True(t, IsRefused(err), err)
}
