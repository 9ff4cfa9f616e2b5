package apikeytest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

func testAdd(t *testing.T, s subject) {
	r, other := s.record(t), s.added(t)
	r.Revoked, r.Used = s.now.Add(time.Minute), s.now.Add(time.Second)
	r.Previous, r.PreviousExpires, r.PreviousUsed = apikey.DigestOf("x"), s.now.Add(time.Minute), s.now
	require.NoError(t, s.Add(t.Context(), r))
	s.expect(t, r)
	s.expect(t, other)
}

func testAddLittle(t *testing.T, s subject) {
	r := s.record(t)
	r = apikey.Record{ID: r.ID, Prefix: r.Prefix, SHA256: r.SHA256, Created: r.Created}
	require.NoError(t, s.Add(t.Context(), r))
	s.expect(t, r)
}

func testDuplicate(t *testing.T, s subject) {
	r := s.added(t)
	again := s.record(t)
	again.ID = r.ID
	require.Error(t, s.Add(t.Context(), again))
	require.Error(t, s.Add(t.Context(), r))
	s.expect(t, r)
	require.NoError(t, s.Revoke(t.Context(), r.ID, s.now))
	require.Error(t, s.Add(t.Context(), again), "what is revoked does not come back")
	r.Revoked = s.now
	s.expect(t, r)
}

func testInvalid(t *testing.T, s subject) {
	for name, change := range map[string]func(*apikey.Record){
		"no ID":              func(r *apikey.Record) { r.ID = "" },
		"another ID":         func(r *apikey.Record) { r.ID = "ci" },
		"no prefix":          func(r *apikey.Record) { r.Prefix = "" },
		"no digest":          func(r *apikey.Record) { r.SHA256 = apikey.Digest{} },
		"digest of nothing":  func(r *apikey.Record) { r.SHA256 = apikey.DigestOf("") },
		"not created":        func(r *apikey.Record) { r.Created = time.Time{} },
		"empty permission":   func(r *apikey.Record) { r.Permissions = []string{""} },
		"two scopes in one":  func(r *apikey.Record) { r.Scopes = []string{"a b"} },
		"two lines":          func(r *apikey.Record) { r.Name = "a\nb" },
		"owner is no text":   func(r *apikey.Record) { r.Owner = "\xff" },
		"over at once":       func(r *apikey.Record) { r.Expires = r.NotBefore },
		"permission no text": func(r *apikey.Record) { r.Permissions = []string{"\xff"} },
	} {
		r := s.record(t)
		change(&r)
		require.Error(t, s.Add(t.Context(), r), name)
		_, err := s.Lookup(t.Context(), r.ID)
		require.ErrorIs(t, err, apikey.ErrUnknown, "%s: it has been added", name)
	}
	require.Empty(t, s.listed(t, s.owner))
}

func testUnknown(t *testing.T, s subject) {
	known, unknown := s.added(t), s.record(t)
	r, err := s.Lookup(t.Context(), unknown.ID)
	require.ErrorIs(t, err, apikey.ErrUnknown)
	require.Zero(t, r)
	require.ErrorIs(t, s.Revoke(t.Context(), unknown.ID, s.now), apikey.ErrUnknown)
	require.ErrorIs(t, s.Rotate(t.Context(), s.rotation(t, unknown)), apikey.ErrUnknown)
	require.NoError(t, s.SaveUses(t.Context(), []apikey.Use{{ID: unknown.ID, SHA256: unknown.SHA256, At: s.now}}), "it may have gone meanwhile")
	_, err = s.Lookup(t.Context(), unknown.ID)
	require.ErrorIs(t, err, apikey.ErrUnknown, "none of that has made one")
	s.expect(t, known)
}

func testCase(t *testing.T, s subject) {
	lower, upper := s.record(t), s.record(t)
	lower.ID, upper.ID = strings.ToLower(lower.ID[:15])+"a", strings.ToUpper(lower.ID[:15])+"A"
	require.NoError(t, s.Add(t.Context(), lower))
	_, err := s.Lookup(t.Context(), upper.ID)
	require.ErrorIs(t, err, apikey.ErrUnknown)
	require.ErrorIs(t, s.Revoke(t.Context(), upper.ID, s.now), apikey.ErrUnknown)
	require.NoError(t, s.Add(t.Context(), upper))
	require.NoError(t, s.Revoke(t.Context(), upper.ID, s.now))
	s.expect(t, lower)
	upper.Revoked = s.now
	s.expect(t, upper)
}

// testHostileIDs asks for what a careless store would execute, or take for another.
func testHostileIDs(t *testing.T, s subject) {
	r := s.added(t)
	for _, id := range []string{
		"", r.ID + " ", " " + r.ID, r.ID[:15], r.ID + "0", r.ID[:15] + "_", r.ID[:15] + "%", "%", "*",
		"'", `"`, `\`, "' OR '1'='1", "'; DROP TABLE api_keys; --", r.ID + "' --", "?", "$1", ":a", "NULL", "0",
	} {
		_, err := s.Lookup(t.Context(), id)
		require.ErrorIs(t, err, apikey.ErrUnknown, "%q", id)
		require.ErrorIs(t, s.Revoke(t.Context(), id, s.now), apikey.ErrUnknown, "%q", id)
		rotation := s.rotation(t, r)
		rotation.ID = id
		require.ErrorIs(t, s.Rotate(t.Context(), rotation), apikey.ErrUnknown, "%q", id)
		require.NoError(t, s.SaveUses(t.Context(), []apikey.Use{{ID: id, SHA256: r.SHA256, At: s.now}}), "%q", id)
	}
	s.expect(t, r)
}

// testHostileTexts keeps what a careless store would execute, cut, or fold.
func testHostileTexts(t *testing.T, s subject) {
	for i, text := range []string{
		" ", "a ", " a", "A", "'", `"`, `\`, "' OR '1'='1", "'; DROP TABLE api_keys; --", "%", "_", "?", "$1", "NULL", "0", "1e0", "[]",
		"straße", "e\u0301", "\u00e9", "日本", "\U0001f511", "\u200b", "\u202e", "<script>&", strings.Repeat("n", 255-len(s.owner)),
	} {
		r := s.record(t)
		r.Owner += text
		r.Name = text
		r.Permissions = []string{"p" + text + "q", `a,b`, `c"`, "[d]", fmt.Sprint(i)}
		require.NoError(t, s.Add(t.Context(), r), "%q", text)
		s.expect(t, r)
		require.Equal(t, []string{r.ID}, s.listed(t, r.Owner), "%q", text)
	}
	require.Empty(t, s.listed(t, s.owner), "the owner without any of that")
	require.Empty(t, s.listed(t, strings.ToUpper(s.owner)+" "))
}

// testInstants keeps instants to the microsecond, and those that never come.
func testInstants(t *testing.T, s subject) {
	for _, at := range []time.Time{
		{}, s.now, s.now.Add(time.Microsecond), s.now.Add(-time.Microsecond), time.Unix(0, 0), time.Unix(0, 1000), time.Unix(-1, 0),
		time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Unix(1<<33, 0),
		s.now.In(time.FixedZone("", 5*3600)),
	} {
		r := s.record(t)
		r.NotBefore = time.Time{}
		r.Revoked, r.Used, r.PreviousUsed, r.Previous, r.PreviousExpires = at, at, at, apikey.DigestOf("x"), at
		if !at.IsZero() {
			r.Created, r.Expires = at, at
		}
		require.NoError(t, s.Add(t.Context(), r), at)
		s.expect(t, r, at)
	}
	r := s.record(t)
	r.Expires = time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, s.Add(t.Context(), r))
	got, err := s.Lookup(t.Context(), r.ID)
	require.NoError(t, err)
	require.True(t, got.Expires.After(s.now.AddDate(1000, 0, 0)), "what ends late does not end early")
}

func testList(t *testing.T, s subject) {
	var want []string
	for i := range 5 {
		r := s.record(t)
		r.Created = s.now.Add(time.Duration(i%3) * time.Hour) // not in the order in which they are added
		require.NoError(t, s.Add(t.Context(), r))
		want = append(want, r.ID)
	}
	r := s.record(t)
	r.Owner += "x"
	require.NoError(t, s.Add(t.Context(), r))
	require.NoError(t, s.Revoke(t.Context(), want[0], s.now))

	sort := func(a, b string) []string { return slices.Sorted(slices.Values([]string{a, b})) }
	want = slices.Concat(sort(want[0], want[3]), sort(want[1], want[4]), want[2:3])
	require.Equal(t, want, s.listed(t, s.owner))
	require.Equal(t, []string{r.ID}, s.listed(t, r.Owner))

	all := s.listed(t, "")
	require.Subset(t, all, append(want, r.ID))
	for record, err := range s.List(t.Context(), r.Owner) {
		require.NoError(t, err)
		require.Equal(t, plain(r), plain(record))
	}
}

func testListStop(t *testing.T, s subject) {
	for range 3 {
		s.added(t)
	}
	for range 20 { // more than there are connections
		n := 0
		for _, err := range s.List(t.Context(), s.owner) {
			require.NoError(t, err)
			if n++; n == 2 {
				break
			}
		}
		require.Equal(t, 2, n)
	}
	require.Len(t, s.listed(t, s.owner), 3)
}

func testRevoke(t *testing.T, s subject) {
	r, other := s.added(t), s.added(t)
	require.Error(t, s.Revoke(t.Context(), r.ID, time.Time{}))
	s.expect(t, r)
	require.NoError(t, s.Revoke(t.Context(), r.ID, s.now))
	r.Revoked = s.now
	s.expect(t, r)
	for _, at := range []time.Time{s.now.Add(time.Hour), s.now.Add(-time.Hour)} {
		require.NoError(t, s.Revoke(t.Context(), r.ID, at))
		s.expect(t, r, "it has been since before")
	}
	s.expect(t, other)
	_, err := s.Lookup(t.Context(), r.ID)
	require.NotErrorIs(t, err, runtime.ErrRevoked, "the record says so")
}

func testCopies(t *testing.T, s subject) {
	r := s.record(t)
	r.Permissions, r.Scopes = []string{"a"}, []string{"a"}
	require.NoError(t, s.Add(t.Context(), r))
	r.Permissions[0], r.Scopes[0] = "b", "b"
	got, err := s.Lookup(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"a"}, {"a"}}, [][]string{got.Permissions, got.Scopes})
	got.Permissions[0], got.Scopes[0] = "c", "c"
	r.Permissions, r.Scopes = []string{"a"}, []string{"a"}
	s.expect(t, r)
}
