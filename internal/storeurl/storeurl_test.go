package storeurl

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func TestSQLite(t *testing.T) {
	name := "sqlite:" + filepath.Join(t.TempDir(), "a b?c%#.db")
	token := revocation.Token{Issuer: "i", ID: "1", Expires: time.Now().Add(time.Hour)}
	first, err := Open(t.Context(), name)
	require.NoError(t, err)
	require.NoError(t, first.Revoke(t.Context(), token))
	require.NoError(t, first.Close())

	second, err := Open(t.Context(), name)
	require.NoError(t, err)
	revoked, err := second.Revoked(t.Context(), token)
	require.NoError(t, err)
	assert.True(t, revoked)
	changes, _, err := second.Changes(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Len(t, changes, 1)
	require.NoError(t, second.Close())
}

// Nobody listens where these lead to.
func TestErrorsHoldNoPassword(t *testing.T) {
	for _, text := range []string{
		"", "memory:", "sqlite:", "sqlite:/no/such/folder/x.db", "s3cr3t-password", "ftp://u:s3cr3t-password@127.0.0.1:1/x",
		"postgres://u:s3cr3t-password@127.0.0.1:1/x", "postgres://u:s3cr3t-password@127.0.0.1:1/x?sslmode=s3cr3t-password",
		"postgres://u:s3cr3t-password@%zz", "postgres://u:s3cr3t-password@127.0.0.1:99999999/x",
		"mysql://u:s3cr3t-password@127.0.0.1:1/x", "mysql://u:s3cr3t-password@127.0.0.1:1/", "mysql://u:s3cr3t-password@%zz", "mysql:///x",
		"redis://u:s3cr3t-password@127.0.0.1:1/0", "redis://u:s3cr3t-password@127.0.0.1:1/s3cr3t-password", "redis://u:s3cr3t-password@%zz",
		"rediss://u:s3cr3t-password@127.0.0.1:1/0?x=s3cr3t-password",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := Open(ctx, text)
		cancel()
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "s3cr3t-password", text)
	}
}
