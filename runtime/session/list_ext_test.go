package session_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/session"
)

func TestSessions(t *testing.T) {
	s := newSite(t, nil)
	began := s.Now()
	logIn := func(user, agent string, options session.Options) string {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("User-Agent", agent)
		r.Header.Set("X-Forwarded-For", "203.0.113.9") // HOSTILE 21: nobody's word
		w := httptest.NewRecorder()
		require.NoError(t, s.backend.LogIn(w, r, user, options))
		return w.Result().Cookies()[0].Value
	}
	laptop := logIn("alice", "Laptop/1.0", session.Options{Address: netip.MustParseAddr("192.0.2.1")})
	s.advance(10 * time.Minute)
	phone := logIn("alice", "Phone/2.0", session.Options{Remember: true, Address: netip.MustParseAddr("fe80::1%eth0")})
	logIn("bob", "", session.Options{})
	s.advance(10 * time.Minute)
	logIn("alice", "", session.Options{})
	s.advance(10 * time.Minute)
	current := s.request(t, laptop) // which uses it

	infos, err := s.backend.Sessions(current, "alice")
	require.NoError(t, err)
	require.Len(t, infos, 3)
	for i, want := range []session.Info{
		{Created: began, Seen: s.Now(), Expires: s.Now().Add(time.Hour), UserAgent: "Laptop/1.0", Address: "192.0.2.1", Current: true},
		{Created: began.Add(20 * time.Minute), Seen: began.Add(20 * time.Minute), Expires: began.Add(80 * time.Minute)},
		{Created: began.Add(10 * time.Minute), Seen: began.Add(10 * time.Minute), Expires: began.Add(10*time.Minute + 30*24*time.Hour), Remembered: true, UserAgent: "Phone/2.0", Address: "fe80::1"},
	} {
		want.Handle = infos[i].Handle
		assert.Regexp(t, `^[0-9a-f]{32}$`, want.Handle)
		assert.Equal(t, want, infos[i])
	}
	others, err := s.backend.Sessions(s.request(t, ""), "alice")
	require.NoError(t, err)
	assert.Len(t, others, 3)
	assert.False(t, others[0].Current, "nobody's")
	bobs, err := s.backend.Sessions(current, "bob")
	require.NoError(t, err)
	require.Len(t, bobs, 1)
	assert.False(t, bobs[0].Current)

	t.Run("a handle is no credential", func(t *testing.T) {
		records, err := s.store.Store.List(t.Context(), "alice")
		require.NoError(t, err)
		for _, info := range infos {
			for _, r := range records {
				assert.NotContains(t, info.Handle, string(r.ID[:4]))
			}
			for _, id := range []string{info.Handle, info.Handle + "." + info.Handle, strings.ToUpper(info.Handle)} {
				s.with(t, id).expect("")
				assert.Equal(t, 200, s.with(t, id).post("/logout").status)
			}
		}
		s.with(t, laptop).expect("alice", "nor can one log out by it")
	})
	t.Run("end one", func(t *testing.T) {
		for _, handle := range []string{"", "x", bobs[0].Handle, strings.ToUpper(infos[2].Handle), infos[2].Handle[:16]} {
			require.NoError(t, s.backend.End(t.Context(), "alice", handle))
		}
		require.NoError(t, s.backend.End(t.Context(), "bob", infos[2].Handle), "another user's")
		s.with(t, phone).expect("alice", "none of those")
		require.NoError(t, s.backend.End(t.Context(), "alice", infos[2].Handle))
		s.with(t, phone).expect("")
		s.with(t, laptop).expect("alice")
	})
	t.Run("a handle stays when the id is renewed", func(t *testing.T) {
		w := httptest.NewRecorder()
		require.NoError(t, s.backend.Renew(w, current, time.Time{}))
		laptop = w.Result().Cookies()[0].Value
		current = s.request(t, laptop)
		again, err := s.backend.Sessions(current, "alice")
		require.NoError(t, err)
		require.Len(t, again, 2)
		assert.Equal(t, infos[0], again[0])
	})
	t.Run("end the others", func(t *testing.T) {
		require.NoError(t, s.backend.EndOthers(current))
		left, err := s.backend.Sessions(current, "alice")
		require.NoError(t, err)
		require.Len(t, left, 1)
		assert.True(t, left[0].Current)
		bobs, err := s.backend.Sessions(current, "bob")
		require.NoError(t, err)
		assert.Len(t, bobs, 1)
	})
	t.Run("end all", func(t *testing.T) {
		require.NoError(t, s.backend.EndUser(t.Context(), "alice"))
		s.with(t, laptop).expect("")
		left, err := s.backend.Sessions(current, "alice")
		require.NoError(t, err)
		assert.Empty(t, left)
	})
	t.Run("what is over is not there", func(t *testing.T) {
		s.advance(time.Hour)
		left, err := s.backend.Sessions(s.request(t, ""), "bob")
		require.NoError(t, err)
		assert.Empty(t, left)
	})
	t.Run("nobody", func(t *testing.T) {
		_, err := s.backend.Sessions(s.request(t, ""), "")
		require.Error(t, err)
		require.Error(t, s.backend.End(t.Context(), "", "x"))
		require.Error(t, s.backend.EndUser(t.Context(), ""))
		require.ErrorIs(t, s.backend.EndOthers(s.request(t, "")), session.ErrNoSession)
	})
}

// Over HTTP, as a page that shows the sessions would do it.
func TestLogOutEverywhere(t *testing.T) {
	s := newSite(t, nil)
	s.handlers["/everywhere"] = func(w http.ResponseWriter, r *http.Request) error {
		return s.backend.EndUser(r.Context(), "alice")
	}
	first, second, other := s.browser(t), s.browser(t), s.browser(t)
	first.logIn("alice")
	second.logIn("alice")
	other.logIn("bob")
	require.Equal(t, 200, first.post("/everywhere").status)
	first.expect("")
	second.expect("")
	other.expect("bob")
}
