package storeurl

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func TestSQLite(t *testing.T) {
	name := "sqlite:" + filepath.Join(t.TempDir(), "a b?c%#.db")
	token := revocation.Token{Issuer: "i", ID: "1", Expires: time.Now().Add(time.Hour)}
	first := opened(t, Open, name)
	require.NoError(t, first.Feed.Revoke(t.Context(), token))

	second := opened(t, Open, name)
	revoked, err := second.Feed.Revoked(t.Context(), token)
	require.NoError(t, err)
	assert.True(t, revoked)
	changes, _, err := second.Feed.Changes(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Len(t, changes, 1)
}

func TestSQLiteThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a?b.db")
	_, err := OpenExisting(t.Context(), "sqlite:"+path)
	require.ErrorIs(t, err, errNotThere)
	assert.NoFileExists(t, path)

	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = OpenExisting(t.Context(), "sqlite:"+path)
	require.ErrorIs(t, err, errNotThere, "the table is missing")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, text, "nothing is written")

	opened(t, Open, "sqlite:"+path)
	opened(t, OpenExisting, "sqlite:"+path)
	_, err = OpenExisting(t.Context(), "sqlite:"+path+"?table=others")
	require.ErrorIs(t, err, errNotThere)
	others := opened(t, Open, "sqlite:"+path+"?table=others")
	require.NoError(t, others.Feed.Revoke(t.Context(), revocation.Token{ID: "1"}))
	store := opened(t, OpenExisting, "sqlite:"+path)
	revoked, err := store.Feed.Revoked(t.Context(), revocation.Token{ID: "1"})
	require.NoError(t, err)
	assert.False(t, revoked, "it is in another table")
}

func TestPostgreSQLOfSeveralHosts(t *testing.T) {
	text := "postgres://u:pa%23ss@one:1,two:2/db?target_session_attrs=read-write&table=mine&application_name=me&sslmode=verify-full"
	config, table, err := postgresConfig(text)
	require.NoError(t, err)
	assert.Equal(t, "mine", table)
	assert.Equal(t, map[string]string{"application_name": "me"}, config.RuntimeParams, "the server is not told of the table")
	assert.Equal(t, []any{"one", uint16(1), "db", "pa#ss"}, []any{config.Host, config.Port, config.Database, config.Password})
	require.Len(t, config.Fallbacks, 1)
	assert.Equal(t, []any{"two", uint16(2)}, []any{config.Fallbacks[0].Host, config.Fallbacks[0].Port})
	assert.Equal(t, "two", config.Fallbacks[0].TLSConfig.ServerName)
	assert.NotNil(t, config.ValidateConnect)
}

func TestMySQL(t *testing.T) {
	for query, want := range map[string]string{"": "", "?tls=true": "true", "?tls=skip-verify&table=mine": "skip-verify"} {
		location, values, err := split("mysql://u:pa%23ss@host/db" + query)
		require.NoError(t, err)
		config, err := mysqlConfig(location, values)
		require.NoError(t, err)
		assert.Equal(t, []string{"u", "pa#ss", "host:3306", "db", want}, []string{config.User, config.Passwd, config.Addr, config.DBName, config.TLSConfig})
		assert.NotContains(t, values, "tls")
		connector, err := mysql.NewConnector(config)
		require.NoError(t, err)
		require.NotNil(t, connector)
	}
}
