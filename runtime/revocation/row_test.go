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
)

// What rows are found by must stay what it is, or what is stored is lost.
func TestDigests(t *testing.T) {
	assert.Equal(t, "4fdd439fe8685b052a5b73a82b61f68468cf08b6aa8a50738b37cc55fa4ba1db", hex.EncodeToString(tokens.digest("i", "t")))
	seen := map[string]string{string(counterDigest): "the row that counts"}
	for _, k := range []kind{tokens, families, users} {
		for _, pair := range [][2]string{{"", "a"}, {"a", ""}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"a", "\x00b"}, {"a\x00", "b"}} {
			digest := string(k.digest(pair[0], pair[1]))
			assert.Len(t, digest, 32)
			assert.Empty(t, seen[digest], "%d %q", k, pair)
			seen[digest] = "another one"
		}
	}
}

func TestEnds(t *testing.T) {
	hour := Grace.Microseconds()
	for _, c := range []struct {
		until time.Time
		want  int64
	}{
		{time.Time{}, forever},
		{time.Unix(0, 0), hour},
		{time.Unix(-1, 999_999_999), hour - 1},
		{time.Unix(1, 1999), hour + 1_000_001},
		{time.Unix(math.MaxInt64, 0), forever},
		{time.Unix(math.MaxInt64/1_000_000, 0), forever},
		{time.UnixMicro(math.MaxInt64 - hour), forever},
		{time.UnixMicro(math.MaxInt64 - hour - 1_000_000), forever - 1_000_000},
		{time.Unix(math.MinInt64, 0), math.MinInt64 + hour},
		{time.Unix(-1e13, 0), math.MinInt64 + hour},
	} {
		assert.Equal(t, c.want, end(c.until), c.until)
		if c.want == forever {
			assert.Zero(t, until(c.want))
		} else {
			assert.Equal(t, c.want, end(until(c.want)))
		}
	}
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
	for _, r := range []row{{kind: tokens, issuer: "i", name: "t", expires: end(noon)}, {kind: families, issuer: "i", name: "f", expires: forever}} {
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
