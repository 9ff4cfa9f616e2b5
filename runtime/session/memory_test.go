package session

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Unix(1_750_000_000, 0)

// sessionOf returns a session of a user that idles out after an hour.
func sessionOf(userID, name string, created time.Time) Record {
	return Record{
		ID: digest(name), Secret: digest(name + " secret"), UserID: userID, AuthTime: created, Created: created, Seen: created,
		Expires: created.Add(time.Hour), Deadline: created.Add(24 * time.Hour),
	}
}

func createMany(t *testing.T, m *Memory, n int, name string, created time.Time) {
	t.Helper()
	for i := range n {
		require.NoError(t, m.Create(t.Context(), sessionOf(fmt.Sprint("user ", i%100), fmt.Sprint(name, i), created)))
	}
}

// check wants all indexes of the store to hold the same sessions.
func (m *Memory) check(t *testing.T) {
	t.Helper()
	require.Len(t, m.queue, len(m.byID))
	users := 0
	for userID, sessions := range m.byUser {
		require.NotEmpty(t, sessions)
		users += len(sessions)
		for id, s := range sessions {
			require.Equal(t, userID, s.UserID)
			require.Same(t, m.byID[id], s)
		}
	}
	require.Equal(t, len(m.byID), users)
	for i, s := range m.queue {
		require.Equal(t, i, s.place)
		require.Same(t, m.byID[s.ID], s)
		require.False(t, s.Expires.Before(m.queue[(i-1)/2].Expires), "the heap")
	}
}

func TestMemoryIsBoundedByWhatIsAlive(t *testing.T) {
	m := NewMemory()
	const perHour = 500
	for hour := range 24 {
		createMany(t, m, perHour, fmt.Sprint(hour, "-"), noon.Add(time.Duration(hour)*time.Hour))
		require.LessOrEqual(t, len(m.byID), 4*perHour, "one hour's worth is alive, one is kept for clocks that differ")
	}
	m.check(t)
	assert.Len(t, m.byID, 2*perHour, "in the end all that can go is gone")
}

func TestMemoryDropsWhatIsOver(t *testing.T) {
	m := NewMemory()
	createMany(t, m, 100, "over ", noon)
	used := sessionOf("alice", "used", noon)
	require.NoError(t, m.Create(t.Context(), used))
	require.NoError(t, m.Touch(t.Context(), used.ID, noon.Add(30*time.Minute), noon.Add(3*time.Hour)))
	m.check(t)
	for i := range 13 { // eight fewer and one more each time
		require.Equal(t, 101-7*i, len(m.byID))
		require.NoError(t, m.Create(t.Context(), sessionOf("bob", fmt.Sprint("new ", i), noon.Add(2*time.Hour))))
		m.check(t)
	}
	assert.Equal(t, 14, len(m.byID), "the new ones, and the one that was used")
	_, err := m.Load(t.Context(), used.ID)
	require.NoError(t, err)
	assert.Len(t, m.byUser, 2)
}

func TestMemoryKeepsItsIndexesTogether(t *testing.T) {
	m := NewMemory()
	createMany(t, m, 200, "", noon)
	for i := range 200 {
		id := digest(fmt.Sprint(i))
		switch i % 4 {
		case 0:
			require.NoError(t, m.End(t.Context(), id))
		case 1:
			seen := noon.Add(time.Duration(i*7919%3000+1) * time.Second)
			require.NoError(t, m.Touch(t.Context(), id, seen, seen.Add(time.Hour)))
		case 2:
			require.NoError(t, m.EndUser(t.Context(), fmt.Sprint("user ", i%100), digest(fmt.Sprint(i%100))))
			i := i - i%4
			require.NoError(t, m.Create(t.Context(), sessionOf("again", fmt.Sprint(i), noon)))
		}
		m.check(t)
	}
	for userID := range m.byUser {
		require.NoError(t, m.EndUser(t.Context(), userID, Digest{}))
	}
	assert.Empty(t, m.byID)
	m.check(t)
}

func TestMemoryDoesNotKeepTheCallersText(t *testing.T) {
	m := NewMemory()
	text := strings.Repeat("x", 100) + "text"
	r := sessionOf(text[100:], "a", noon)
	r.UserAgent, r.Address = text[100:], text[100:]
	require.NoError(t, m.Create(t.Context(), r))
	for userID, sessions := range m.byUser {
		assert.NotSame(t, unsafe.StringData(text[100:]), unsafe.StringData(userID))
		for _, s := range sessions {
			for _, kept := range []string{s.UserID, s.UserAgent, s.Address} {
				assert.Equal(t, "text", kept)
				assert.NotSame(t, unsafe.StringData(text[100:]), unsafe.StringData(kept))
			}
		}
	}
}
