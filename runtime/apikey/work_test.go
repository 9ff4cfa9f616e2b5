package apikey

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever is wrong with a key of the form, as much is compared, and the source is asked once.
func TestEqualWork(t *testing.T) { // HOSTILE 80, 113
	generated := func() Generated {
		g, err := Generate("acme")
		require.NoError(t, err)
		return g
	}
	noon := time.Unix(1_750_000_000, 0)
	good, expired, revoked, rotated := generated(), generated(), generated(), generated()
	records := map[string]Record{
		good.ID:    {ID: good.ID, SHA256: good.SHA256},
		expired.ID: {ID: expired.ID, SHA256: expired.SHA256, Expires: noon},
		revoked.ID: {ID: revoked.ID, SHA256: revoked.SHA256, Revoked: noon},
		rotated.ID: {ID: rotated.ID, SHA256: good.SHA256, Previous: rotated.SHA256, PreviousExpires: noon},
	}
	var asked, compared int
	b, err := New(Config{
		Keys: []Key{{ID: "a", Secret: "a"}, {ID: "b", Secret: "b"}, {ID: "c", Secret: "c"}},
		Lookup: func(_ context.Context, id string) (Record, error) {
			asked++
			r, there := records[id]
			if !there {
				return Record{}, ErrUnknown
			}
			return r, nil
		},
		Now: func() time.Time { return noon },
	})
	require.NoError(t, err)
	b.equal = func(x, y Digest) int {
		compared++
		return constantTime(x, y)
	}
	wrong, err := Regenerate("acme", good.ID)
	require.NoError(t, err)
	for name, key := range map[string]Generated{
		"good": good, "wrong": wrong, "unknown": generated(), "expired": expired, "revoked": revoked, "rotated": rotated,
	} {
		asked, compared = 0, 0
		_, err := b.Authenticate(&http.Request{Header: http.Header{"X-Api-Key": {key.Text}}})
		assert.Equal(t, name == "good", err == nil, name)
		assert.Equal(t, 1, asked, name)
		assert.Equal(t, 3+2, compared, "%s: each key of the configuration, and both texts of a record", name)
	}
}

func TestConstantTimeCompares(t *testing.T) {
	a := DigestOf("a")
	for i := range a {
		b := a
		b[i] ^= 1
		assert.Zero(t, constantTime(a, b), i)
	}
	assert.Equal(t, 1, constantTime(a, a))
}

// No text has the zero digest, which records have that are not there.
func TestNobodyMatchesTheZeroRecord(t *testing.T) {
	r := new(Record)
	assert.ErrorIs(t, r.judge(DigestOf(""), time.Now(), constantTime), ErrUnknown)
	assert.ErrorIs(t, r.judge(DigestOf("x"), time.Now(), constantTime), ErrUnknown)
}

func TestRoomForWhatIsRemembered(t *testing.T) {
	start := time.Unix(1_750_000_000, 0)
	m := remembered{lasts: time.Minute}
	number := func(i int) Digest { return Digest{byte(i), byte(i >> 8), byte(i >> 16)} }
	for i := range 3 * maxRemembered {
		m.put(number(i), &found{at: start})
		require.LessOrEqual(t, len(m.entries), maxRemembered)
		require.NotNil(t, m.get(number(i), start), "the newest")
	}
	m.put(number(1), &found{at: start})
	late := start.Add(time.Hour)
	for i := range 3 * maxRemembered {
		m.put(number(i), &found{at: late})
	}
	require.LessOrEqual(t, len(m.entries), maxRemembered)
	require.NotNil(t, m.get(number(3*maxRemembered-1), late))
}
