package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func TestUserID(t *testing.T) {
	tests := []struct {
		backend, id string
		want        int64
		ok          bool
	}{
		{"jwt", "1", 1, true},
		{"jwt", "9223372036854775807", 9223372036854775807, true},
		{"jwt", "9223372036854775808", 0, false},
		{"jwt", "01", 0, false},
		{"jwt", "+1", 0, false},
		{"jwt", " 1", 0, false},
		{"jwt", "1.0", 0, false},
		{"jwt", "alice", 0, false},
		{"jwt", "", 0, false},
		{"session", "1", 1, true},
		{"session", "01", 0, false},
		{"api_key", "1", 0, false},
		{"test", "1", 0, false},
	}
	for _, test := range tests {
		t.Run(test.backend+" "+test.id, func(t *testing.T) {
			got, ok := userID(runtime.NewPrincipal(runtime.Identity{UserID: test.id, Backend: test.backend}))
			assert.Equal(t, test.ok, ok)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestDeleteOfWhatIsGone(t *testing.T) {
	articles := newBlog(t, nil).server.articles
	require.NoError(t, articles.Delete(t.Context(), 1))
	assert.ErrorIs(t, articles.Delete(t.Context(), 1), runtime.ErrNotFound, "somebody else was faster")
}

// What Django's PBKDF2PasswordHasher makes of "secret" with the salt "salt", by hashlib.pbkdf2_hmac.
const hashOfDjango = "pbkdf2_sha256$1000$salt$qN+JnzxPIE2WfgrWPAkph8EAVeuwF7PZ0ordIY1Peq0="

func TestLogInUpgradesTheHash(t *testing.T) {
	users := newBlog(t, nil).server.users
	_, err := users.db.ExecContext(t.Context(), `UPDATE users SET password = ? WHERE username = 'alice'`, hashOfDjango)
	require.NoError(t, err)
	_, err = users.LogIn(t.Context(), "alice", "wrong")
	require.ErrorIs(t, err, errLogin)
	for range 2 {
		_, err = users.LogIn(t.Context(), "alice", "secret")
		require.NoError(t, err)
	}
	alice, err := users.ByName(t.Context(), "alice")
	require.NoError(t, err)
	assert.Contains(t, alice.password, "$argon2id$")
}

func TestUnusablePasswords(t *testing.T) { // HOSTILE 97
	users := newBlog(t, nil).server.users
	for _, hash := range []string{"", "!", "!unusable", "md5$1$salt$AAAA", "pbkdf2_sha256$2147483648$salt$AAAA"} {
		_, err := users.db.ExecContext(t.Context(), `UPDATE users SET password = ? WHERE username = 'alice'`, hash)
		require.NoError(t, err)
		for _, text := range []string{"", hash, "alice-password"} {
			_, err = users.LogIn(t.Context(), "alice", text)
			assert.ErrorIs(t, err, errLogin, hash)
		}
	}
}
