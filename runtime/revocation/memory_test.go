package revocation

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Unix(1_750_000_000, 0)

// newMemoryAt returns a store whose clock the test moves.
func newMemoryAt(now *time.Time) *Memory {
	m := NewMemory()
	m.now = func() time.Time { return *now }
	return m
}

func revoked(t testing.TB, s Store, token Token) bool {
	t.Helper()
	answer, err := s.Revoked(t.Context(), token)
	require.NoError(t, err)
	return answer
}

func TestMemoryRevokesOneToken(t *testing.T) {
	ctx := t.Context()
	m := NewMemory()
	token := Token{Issuer: "a", ID: "1", UserID: "7", IssuedAt: noon, Expires: noon.Add(time.Hour)}

	assert.False(t, revoked(t, m, token))
	require.NoError(t, m.Revoke(ctx, token))
	assert.True(t, revoked(t, m, token))

	other := token
	other.ID = "2"
	assert.False(t, revoked(t, m, other), "another token of the same user")

	t.Run("HOSTILE 122: the same ID from another issuer", func(t *testing.T) {
		other := token
		other.Issuer = "b"
		assert.False(t, revoked(t, m, other))
	})
	t.Run("HOSTILE 73: parts that read alike when joined", func(t *testing.T) {
		for _, sep := range []string{"", "|", ":", "\x00", "/"} {
			require.NoError(t, m.Revoke(ctx, Token{Issuer: "x", ID: "y" + sep + "z"}))
			assert.False(t, revoked(t, m, Token{Issuer: "x" + sep + "y", ID: "z"}), "%q", sep)
			assert.False(t, revoked(t, m, Token{Issuer: "x" + sep + "y" + sep, ID: "z"}), "%q", sep)
		}
	})
	t.Run("a token without an ID is not revoked by accident", func(t *testing.T) {
		assert.ErrorIs(t, m.Revoke(ctx, Token{Issuer: "a", Expires: noon}), errNoID)
		assert.False(t, revoked(t, m, Token{Issuer: "a"}))
	})
}

func TestMemoryKeepsEntriesUntilTheirTokenEnds(t *testing.T) {
	cases := []struct {
		name    string
		expires time.Time
		alive   time.Time // still needed here
		over    time.Time // not needed any more; zero: always needed
	}{
		{"HOSTILE 65: no end known", time.Time{}, noon.AddDate(100, 0, 0), time.Time{}},
		{"HOSTILE 65: already expired, within a verifier's leeway", noon.Add(-time.Second), noon.Add(Grace - 2*time.Second), noon.Add(Grace)},
		{"HOSTILE 65: an end that overflows", time.Unix(math.MaxInt64, 0), noon.AddDate(200, 0, 0), time.Time{}},
		{"an hour", noon.Add(time.Hour), noon.Add(time.Hour + Grace), noon.Add(time.Hour + Grace + time.Second)},
		{"HOSTILE 74: the clock jumps an hour ahead and back", noon.Add(time.Second), noon.Add(time.Hour), noon.Add(time.Hour + 2*time.Second)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now := noon
			m := newMemoryAt(&now)
			require.NoError(t, m.Revoke(t.Context(), Token{ID: "it", Expires: c.expires}))
			require.NoError(t, m.RevokeFamily(t.Context(), "", "fam", c.expires))

			now = c.alive
			flood(t, m, c.alive)
			assert.True(t, revoked(t, m, Token{ID: "it"}))
			assert.True(t, revoked(t, m, Token{Family: "fam"}))

			if c.over.IsZero() {
				return
			}
			now = c.over
			flood(t, m, c.over)
			flood(t, m, c.over.Add(time.Nanosecond)) // twice what the first one left
			assert.False(t, revoked(t, m, Token{ID: "it"}), "dropped")
			assert.False(t, revoked(t, m, Token{Family: "fam"}), "dropped")
		})
	}
}

// flood adds entries that live until the given instant only, enough to make
// every shard sweep.
func flood(t *testing.T, m *Memory, at time.Time) {
	t.Helper()
	for i := range shardCount * sweepSize * 4 {
		id := fmt.Sprint(at.UnixNano(), "-", i)
		require.NoError(t, m.Revoke(t.Context(), Token{ID: id, Expires: at.Add(-Grace)}))
		require.NoError(t, m.RevokeFamily(t.Context(), "", id, at.Add(-Grace)))
	}
}

func TestMemoryIsBoundedByWhatIsAlive(t *testing.T) { // HOSTILE 67
	now := noon
	m := newMemoryAt(&now)
	const perHour = 20_000
	for hour := range 24 {
		now = noon.Add(time.Duration(hour) * time.Hour)
		for i := range perHour {
			token := Token{Issuer: "a", ID: fmt.Sprint(hour, "-", i), Expires: now.Add(15 * time.Minute)}
			require.NoError(t, m.Revoke(t.Context(), token))
		}
	}
	// Entries live for 75 minutes, so two hours' worth are alive at most.
	assert.Less(t, m.size(), 2*2*perHour+shardCount*sweepSize)
}

func TestMemoryNeverEvictsWhatIsAlive(t *testing.T) { // HOSTILE 67
	m := NewMemory()
	expires := time.Now().Add(time.Hour)
	const n = 200_000
	for i := range n {
		require.NoError(t, m.Revoke(t.Context(), Token{ID: fmt.Sprint(i), Expires: expires}))
	}
	for i := range n {
		require.True(t, revoked(t, m, Token{ID: fmt.Sprint(i)}), i)
	}
}

func TestMemoryNeverShortensAnEntry(t *testing.T) {
	now := noon
	m := newMemoryAt(&now)
	for _, expires := range []time.Time{noon.Add(5 * time.Hour), noon, noon.Add(-time.Hour)} {
		require.NoError(t, m.Revoke(t.Context(), Token{ID: "it", Expires: expires}))
	}
	now = noon.Add(5 * time.Hour)
	flood(t, m, now)
	assert.True(t, revoked(t, m, Token{ID: "it"}))

	require.NoError(t, m.Revoke(t.Context(), Token{ID: "it"})) // now for good
	require.NoError(t, m.Revoke(t.Context(), Token{ID: "it", Expires: noon}))
	now = noon.AddDate(10, 0, 0)
	flood(t, m, now)
	assert.True(t, revoked(t, m, Token{ID: "it"}))
}

func TestMemoryRevokesAllOfAUser(t *testing.T) {
	m := NewMemory()
	require.NoError(t, m.RevokeUser(t.Context(), "a", "7", noon.Add(500*time.Millisecond)))
	at := func(issued time.Time) Token { return Token{Issuer: "a", ID: "1", UserID: "7", IssuedAt: issued} }

	assert.True(t, revoked(t, m, at(noon.Add(-time.Hour))))
	assert.True(t, revoked(t, m, at(noon)), "HOSTILE 66: issued in the same second")
	assert.True(t, revoked(t, m, at(noon.Add(500*time.Millisecond))), "HOSTILE 66: issued at that very instant")
	assert.False(t, revoked(t, m, at(noon.Add(501*time.Millisecond))))
	assert.False(t, revoked(t, m, at(noon.Add(time.Second))))
	assert.True(t, revoked(t, m, at(time.Time{})), "a token that does not say when it was issued")

	other := at(time.Time{})
	other.UserID = "8"
	assert.False(t, revoked(t, m, other), "another user, whose token does not say when it was issued")
	other.IssuedAt = noon
	assert.False(t, revoked(t, m, other), "another user")
	other = at(noon)
	other.Issuer = "b"
	assert.False(t, revoked(t, m, other), "HOSTILE 122: the same user ID from another issuer")

	require.NoError(t, m.RevokeUser(t.Context(), "a", "7", noon.Add(-time.Hour)))
	assert.True(t, revoked(t, m, at(noon)), "an earlier instant takes nothing back")
	require.NoError(t, m.RevokeUser(t.Context(), "a", "7", noon.Add(time.Hour)))
	assert.True(t, revoked(t, m, at(noon.Add(time.Minute))), "a later instant counts")

	assert.ErrorIs(t, m.RevokeUser(t.Context(), "a", "", noon), errNoUser)
	assert.ErrorIs(t, m.RevokeUser(t.Context(), "a", "7", time.Time{}), errNoInstant)
	assert.ErrorIs(t, m.RevokeUser(t.Context(), "a", "7", time.Time{}.Add(999)), errNoInstant, "zero in microseconds")
}

func TestMemoryRevokesAFamily(t *testing.T) { // HOSTILE 68
	m := NewMemory()
	require.NoError(t, m.RevokeFamily(t.Context(), "a", "f", time.Now().Add(time.Hour)))
	assert.True(t, revoked(t, m, Token{Issuer: "a", ID: "1", Family: "f"}))
	assert.True(t, revoked(t, m, Token{Issuer: "a", ID: "2", Family: "f"}))
	assert.False(t, revoked(t, m, Token{Issuer: "a", ID: "f"}), "a family is no token")
	assert.False(t, revoked(t, m, Token{Issuer: "a", ID: "1", Family: "g"}))
	assert.False(t, revoked(t, m, Token{Issuer: "b", ID: "1", Family: "f"}), "HOSTILE 122")
	assert.False(t, revoked(t, m, Token{Issuer: "a", ID: "1"}), "a token without a family")
	assert.ErrorIs(t, m.RevokeFamily(t.Context(), "a", "", noon), errNoFamily)
}

func TestMemoryConcurrently(t *testing.T) {
	m := NewMemory()
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			ctx := context.Background()
			for i := range 2_000 {
				mine := Token{ID: fmt.Sprint(caller, "-", i), UserID: fmt.Sprint(i), Family: fmt.Sprint(i), IssuedAt: noon}
				assert.NoError(t, m.Revoke(ctx, mine))
				assert.NoError(t, m.RevokeUser(ctx, "", mine.UserID, noon))
				assert.NoError(t, m.RevokeFamily(ctx, "", mine.Family, time.Time{}))
				answer, err := m.Revoked(ctx, mine)
				assert.NoError(t, err)
				assert.True(t, answer)
			}
		})
	}
	callers.Wait()
}

func TestMemoryLookupDoesNotAllocate(t *testing.T) {
	m := NewMemory()
	token := Token{Issuer: "https://issuer.example", ID: "1", UserID: "2", Family: "3"}
	require.NoError(t, m.Revoke(t.Context(), Token{Issuer: token.Issuer, ID: "other"}))
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = m.Revoked(ctx, token) }))
}

// A million live entries. What is looked up is as fresh as it is in a request,
// where it has just been read: only the store's memory is cold.
func BenchmarkMemoryRevoked(b *testing.B) {
	const entries, lookups = 1_000_000, 4096
	id := func(i int) string { return fmt.Sprintf("%026x", i*7919) }
	m := NewMemory()
	for i := range entries {
		token := Token{Issuer: "https://issuer.example", ID: id(i), Expires: time.Now().Add(time.Hour)}
		require.NoError(b, m.Revoke(b.Context(), token))
	}
	for _, hit := range []bool{false, true} {
		tokens := make([]Token, lookups)
		for i := range tokens {
			tokens[i] = Token{Issuer: "https://issuer.example", ID: id(i * (entries / lookups)), UserID: "42"}
			if !hit {
				tokens[i].ID += "x"
			}
		}
		b.Run(fmt.Sprintf("revoked=%v", hit), func(b *testing.B) {
			b.ReportAllocs()
			ctx := context.Background()
			for i := 0; b.Loop(); i++ {
				if answer, _ := m.Revoked(ctx, tokens[i%lookups]); answer != hit {
					b.Fatal("wrong answer")
				}
			}
		})
	}
}
