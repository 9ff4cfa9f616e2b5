package revocation

import (
	"context"
	"database/sql"
	"encoding/hex"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/instant"
)

// What rows are found by must stay what it is, or what is stored is lost.
func TestDigest(t *testing.T) {
	assert.Equal(t, "4fdd439fe8685b052a5b73a82b61f68468cf08b6aa8a50738b37cc55fa4ba1db", hex.EncodeToString(tokens.digest("i", "t")))
	assert.NotEqual(t, counterDigest, counter.digest("", ""))
}

func TestLookup(t *testing.T) {
	assert.Nil(t, Token{Issuer: "i", IssuedAt: noon}.lookup())
	token := tokens.digest("i", "t")
	user := users.digest("i", "u")
	assert.Equal(t, []any{token, token, token, int64(math.MinInt64)}, Token{Issuer: "i", ID: "t"}.lookup())
	assert.Equal(t, []any{token, user, token, noon.UnixMicro()}, Token{Issuer: "i", ID: "t", UserID: "u", IssuedAt: noon.Add(999)}.lookup())
}

func TestChangesOfRows(t *testing.T) {
	none, at := sql.NullInt64{}, sql.NullInt64{Int64: noon.UnixMicro(), Valid: true}
	for _, r := range []row{{kind: tokens}, {kind: counter, name: "x"}, {kind: 4, name: "x"}, {kind: users, name: "x"}} {
		_, err := r.change(none)
		assert.ErrorIs(t, err, errData, r)
	}
	_, err := row{kind: tokens, name: "x"}.change(at)
	assert.ErrorIs(t, err, errData)

	m := NewMemory()
	for _, r := range []row{{kind: tokens, issuer: "i", name: "t", expires: instant.End(noon, Grace)}, {kind: families, issuer: "i", name: "f", expires: instant.Forever}} {
		c, err := r.change(none)
		require.NoError(t, err)
		require.NoError(t, c.Apply(context.Background(), m))
	}
	c, err := row{kind: users, issuer: "i", name: "u"}.change(at)
	require.NoError(t, err)
	require.NoError(t, c.Apply(context.Background(), m))
	for _, token := range []Token{{Issuer: "i", ID: "t"}, {Issuer: "i", Family: "f"}, {Issuer: "i", UserID: "u", IssuedAt: noon}} {
		assert.True(t, revoked(t, m, token), token)
	}
	assert.False(t, revoked(t, m, Token{Issuer: "i", UserID: "u", IssuedAt: noon.Add(time.Microsecond)}))
}
