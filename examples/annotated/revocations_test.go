package main

import (
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two instances share a database and a store of revocations.
func TestRevocationOnAnotherInstance(t *testing.T) { // HOSTILE 62
	folder := t.TempDir()
	variables := map[string]string{
		"SECRET_KEY": secret, "DATABASE": filepath.Join(folder, "blog.db"), "REVOCATION": "sqlite:" + filepath.Join(folder, "revocations.db"),
	}
	here, there := newBlog(t, variables), newBlog(t, variables)
	token := "Bearer " + here.token("alice")
	get := func(b *blog) int { return b.send("GET", "/private", "", "Authorization", token).status }
	require.Equal(t, http.StatusOK, get(here))
	require.Equal(t, http.StatusOK, get(there))

	require.Equal(t, http.StatusNoContent, here.send("POST", "/auth/logout", "", "Authorization", token).status)
	revoked := time.Now()
	assert.Equal(t, http.StatusUnauthorized, get(here), "at once")
	for get(there) != http.StatusUnauthorized {
		// A request that began more than a second after must know. This one may have begun a moment before that.
		require.Less(t, time.Since(revoked), 10*time.Second)
		time.Sleep(10 * time.Millisecond)
	}
	later := newBlog(t, variables)
	assert.Equal(t, http.StatusUnauthorized, get(later), "an instance that starts later knows from the start")
}

func TestRevocationThatCannotBeOpened(t *testing.T) {
	for _, store := range []string{"sqlite:/no/such/folder/x.db", "postgres://u:s3cr3t@127.0.0.1:1/x", "mysql://u:s3cr3t@127.0.0.1:1/x", "redis://u:s3cr3t@127.0.0.1:1"} {
		err := run(t.Context(), environmentOf(map[string]string{"ADDR": "127.0.0.1:0", "SECRET_KEY": secret, "REVOCATION": store}), io.Discard)
		require.ErrorContains(t, err, "REVOCATION: ")
		assert.NotContains(t, err.Error(), "s3cr3t")
	}
}
