package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPasswordHash(t *testing.T) {
	h, err := hashPassword("alice-password")
	require.NoError(t, err)
	again, err := hashPassword("alice-password")
	require.NoError(t, err)
	assert.NotEqual(t, h, again, "salted")
	parsed, err := parsePasswordHash(h.String())
	require.NoError(t, err)
	assert.Equal(t, h, parsed)
	for password, want := range map[string]bool{"alice-password": true, "Alice-password": false, "": false, "alice-password ": false} {
		got, err := parsed.matches(password)
		require.NoError(t, err)
		assert.Equal(t, want, got, "%q", password)
	}
	assert.Equal(t, h.iterations, noPassword().iterations, "an unknown user costs as much as a known one")
	assert.Len(t, noPassword().sum, len(h.sum))
	assert.Equal(t, 600_000, iterationsOutsideTests)
}

// What Django's PBKDF2PasswordHasher makes of "secret" with the salt "salt", by hashlib.pbkdf2_hmac.
func TestPasswordHashOfDjango(t *testing.T) {
	h, err := parsePasswordHash("pbkdf2_sha256$1000$salt$qN+JnzxPIE2WfgrWPAkph8EAVeuwF7PZ0ordIY1Peq0=")
	require.NoError(t, err)
	matches, err := h.matches("secret")
	require.NoError(t, err)
	assert.True(t, matches)
}

func TestPasswordHashesThatAreWrong(t *testing.T) { // HOSTILE 97
	const sum = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for _, text := range []string{
		"", "!", "!unusable", "md5$1$salt$" + sum, "pbkdf2_sha256$1$salt", "pbkdf2_sha256$1$salt$" + sum + "$x", "pbkdf2_sha256$1$$" + sum,
		"pbkdf2_sha256$0$salt$" + sum, "pbkdf2_sha256$-1$salt$" + sum, "pbkdf2_sha256$2147483648$salt$" + sum, "pbkdf2_sha256$x$salt$" + sum,
		"pbkdf2_sha256$1$salt$", "pbkdf2_sha256$1$salt$AAAA", "pbkdf2_sha256$1$salt$?",
	} {
		_, err := parsePasswordHash(text)
		assert.ErrorIs(t, err, errPasswordHash, text)
	}
}

// Nobody who tries to log in gets an answer before a password was hashed for them.
func TestEveryLogInHashes(t *testing.T) {
	users := newBlog(t, nil).server.users
	for _, username := range []string{"alice", "eve", "nobody"} {
		t.Run(username, func(t *testing.T) {
			for range cap(hashing) {
				hashing <- struct{}{}
			}
			answered := make(chan error, 1)
			go func() {
				_, err := users.LogIn(t.Context(), username, "wrong")
				answered <- err
			}()
			select {
			case <-answered:
				t.Error("answered without a hash")
			case <-time.After(200 * time.Millisecond):
			}
			for range cap(hashing) {
				<-hashing
			}
			assert.ErrorIs(t, <-answered, errLogin)
		})
	}
}
