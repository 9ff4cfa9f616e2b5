package sessiontest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// testIDs tells apart IDs that a store takes for the same if it reads them as texts,
// as numbers, or not to their end.
func testIDs(t *testing.T, s subject) {
	own := s.digest("own") // so that a store can be used for several runs
	var ids []session.Digest
	for _, fill := range []byte{0, ' ', '0', '\'', '"', '%', '\\', 'a', 'A', 0x7f, 0x80, 0xff} {
		for _, place := range []int{0, 15, 31} {
			var id session.Digest
			for i := range id {
				id[i] = fill
			}
			copy(id[4:12], own[:])
			id[place] ^= 1
			ids = append(ids, id)
		}
	}
	records := make([]session.Record, len(ids))
	for i, id := range ids {
		r := s.record(fmt.Sprint(i))
		r.ID, r.UserID = id, fmt.Sprint(s.name, i%3)
		r.Secret[0], r.Secret[31] = 0, 0
		require.NoError(t, s.Create(t.Context(), r), "%x", id)
		records[i] = r
	}
	for i, r := range records {
		s.expect(t, r)
		records[i].Seen, records[i].Expires = s.later(float64(i+1)), s.later(float64(i+61))
		require.NoError(t, s.Touch(t.Context(), r.ID, records[i].Seen, records[i].Expires))
		records[i].Data = r.ID[:]
		require.NoError(t, s.Update(t.Context(), records[i], s.now))
		records[i].Version++
	}
	for i, r := range records {
		s.expect(t, r)
		require.NoError(t, s.End(t.Context(), r.ID))
		s.expectNone(t, r, "%x", r.ID)
		for _, other := range records[i+1:] {
			_, err := s.Load(t.Context(), other.ID)
			require.NoError(t, err, "%x, after %x has ended", other.ID, r.ID)
		}
	}
}

// hostileNames are what a careless store takes for the same, for a pattern, or for a
// part of a statement.
func hostileNames(longest int) []string {
	long := strings.Repeat("n", longest-1)
	return []string{
		"", "User", "user", "USER", "user ", " user", "user\t", "us\ner",
		"'", "''", `"`, "`", `\`, `\'`, "' OR '1'='1", "'; DROP TABLE sessions; --", "--", "/*", "?", "$1", ":a", "@a",
		"%", "_", "%%", "u_r", "u%", "*", "[a-z]*", "{a}", "a\r\nDEL b",
		"0", "00", "0.0", "1", "1e0", "+1", "0x1", "NULL", "true",
		"straße", "strasse", "STRASSE", "\u00e9", "e\u0301", "\u00c9", "ı", "i", "İ", "\u212a", "k", "ſ", "s", "日本", "\U0001f511", "\u200b", "\u202e",
		long + "x", long + "y",
	}
}

// testUsers gives each user two sessions, and shows that what happens to one user's
// happens to nobody else's.
func testUsers(t *testing.T, s subject) {
	names := hostileNames(255 - len(s.name))
	users := make([][2]session.Record, len(names))
	for i, name := range names {
		for j := range users[i] {
			r := s.record(fmt.Sprint(i, " ", j))
			r.UserID = s.name + name
			require.NoError(t, s.Create(t.Context(), r), "%q", name)
			s.expect(t, r)
			users[i][j] = r
		}
	}
	for i, name := range names {
		records, err := s.List(t.Context(), s.name+name)
		require.NoError(t, err)
		require.Len(t, records, 2, "%q", name)
		require.NoError(t, s.EndUser(t.Context(), s.name+name, users[i][1].ID))
		s.expectNone(t, users[i][0], "%q", name)
		s.expect(t, users[i][1], "%q", name)
		for j := i + 1; j < len(names); j++ {
			_, err := s.Load(t.Context(), users[j][0].ID)
			require.NoError(t, err, "%q, after those of %q have ended", names[j], name)
		}
	}
}

func testContents(t *testing.T, s subject) {
	for i, text := range hostileNames(256) {
		r := s.record(fmt.Sprint("text ", i))
		r.UserAgent, r.Address = text, text
		r.Data = []byte(text)
		require.NoError(t, s.Create(t.Context(), r), "%q", text)
		s.expect(t, r)
	}
	bytes := make([]byte, session.MaxData)
	for i := range bytes {
		bytes[i] = byte(i ^ i>>8)
	}
	for i, data := range [][]byte{{0}, {0, 0}, {0xff, 0xfe}, []byte("a\x00b"), []byte("null"), bytes} {
		r := s.record(fmt.Sprint("bytes ", i))
		r.Data = data
		require.NoError(t, s.Create(t.Context(), r))
		s.expect(t, r)
		require.NoError(t, s.Update(t.Context(), r, s.now))
		r.Version++
		s.expect(t, r)
	}
}

// testForget creates sessions that a store may forget, and those that it may not.
func testForget(t *testing.T, s subject) {
	alive := s.created(t, "alive")
	barely := s.record("over for less than an hour")
	barely.Created, barely.Seen = s.later(-300), s.later(-300)
	barely.Expires = s.later(-60).Add(time.Microsecond)
	require.NoError(t, s.Create(t.Context(), barely))
	used := s.record("alive because it was used")
	used.Created, used.Seen, used.Expires = s.later(-300), s.later(-300), s.later(-240)
	require.NoError(t, s.Create(t.Context(), used))
	used.Seen, used.Expires = s.later(-241), s.later(1)
	require.NoError(t, s.Touch(t.Context(), used.ID, used.Seen, used.Expires))

	for i := range 300 {
		r := s.record(fmt.Sprint("over ", i))
		r.Created, r.Seen, r.Expires = s.later(-300), s.later(-300), s.later(-299+float64(i%200))
		require.NoError(t, s.Create(t.Context(), r))
	}
	for i := range 100 {
		s.created(t, fmt.Sprint("new ", i))
	}
	for _, r := range []session.Record{alive, barely, used} {
		s.expect(t, r)
	}
	for i := range 100 {
		s.expect(t, s.record(fmt.Sprint("new ", i)))
	}
}
