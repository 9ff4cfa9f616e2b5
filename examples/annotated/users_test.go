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
		{"api_key", "1", 0, false},
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
