package basic_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/basic"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

const secret = "open-sesame-4Q7ZP6T4"

// users is a Check that knows alice, bob and zoë, who all have one password, and
// counts how often it was asked.
type users struct{ asked atomic.Int64 }

func (u *users) check(_ context.Context, username, password string) (runtime.Identity, error) {
	u.asked.Add(1)
	switch username {
	case "alice", "bob", "zoë":
		if password == secret {
			return runtime.Identity{UserID: "id of " + username, Staff: username == "bob", Permissions: []string{"blog.view_article"}}, nil
		}
	}
	return runtime.Identity{}, runtime.ErrInvalidCredentials
}

// A clock is a time that stands still until it is moved.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanoseconds.Store(time.Unix(1_750_000_000, 0).UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) move(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func newBackend(t testing.TB, config basic.Config) (*basic.Backend, *users, *clock) {
	t.Helper()
	known, clock := new(users), newClock()
	if config.Check == nil {
		config.Check = known.check
	}
	config.Now = clock.now
	b, err := basic.New(config)
	require.NoError(t, err)
	return b, known, clock
}

func newLimiter(t testing.TB) *throttle.Limiter {
	t.Helper()
	l, err := throttle.New(throttle.Config{Now: newClock().now})
	require.NoError(t, err)
	return l
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// request returns a request with a header field that need not be valid.
func request(value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Authorization"] = []string{value}
	leak.Request(r)
	return r
}

func login(username, password string) *http.Request {
	return request("Basic " + encode(username+":"+password))
}

func TestAuthenticate(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{})
	assert.Equal(t, "basic", b.Name())

	p, err := b.Authenticate(login("alice", secret))
	require.NoError(t, err)
	assert.Equal(t, "id of alice", p.UserID())
	assert.Equal(t, "basic", p.Backend())
	assert.True(t, p.Ambient(), "browsers send it by themselves")
	assert.Equal(t, []string{"blog.view_article"}, p.Permissions())
	assert.False(t, p.IsStaff())
	assert.True(t, p.AuthTime().IsZero())

	p, err = b.Authenticate(login("bob", secret))
	require.NoError(t, err)
	assert.Equal(t, "id of bob", p.UserID())
	assert.True(t, p.IsStaff())
}

func TestAuthenticateParses(t *testing.T) {
	none, invalid := runtime.ErrNoCredentials, runtime.ErrInvalidCredentials
	right := encode("alice:" + secret)
	long := strings.Repeat("x", 4096)
	cases := []struct {
		name  string
		value string
		err   error
		asked bool
	}{
		{"right", "Basic " + right, nil, true},
		{"HOSTILE 4: lower case", "basic " + right, nil, true},
		{"HOSTILE 4: upper case", "BASIC " + right, nil, true},
		{"HOSTILE 5: several spaces", "Basic    " + right, nil, true},
		{"RFC 7617: UTF-8", "Basic " + encode("zoë:"+secret), nil, true},

		{"HOSTILE 2: empty", "", none, false},
		{"HOSTILE 7: without scheme", right, none, false},
		{"HOSTILE 8: another scheme", "Bearer " + right, none, false},
		{"a scheme that folds to it", "Ba\u017fic " + right, none, false},
		{"HOSTILE 3: only the scheme", "Basic", invalid, false},
		{"HOSTILE 3: the scheme and a space", "Basic ", invalid, false},
		{"HOSTILE 5: a tab", "Basic\t" + right, none, false},
		{"HOSTILE 5: a trailing space", "Basic " + right + " ", invalid, false},
		{"HOSTILE 6: two", "Basic " + right + " " + right, invalid, false},
		{"HOSTILE 10: a list", "Basic " + right + ", Basic " + right, invalid, false},
		{"HOSTILE 13: quoted", `Basic "` + right + `"`, invalid, false},

		{"not encoded", "Basic alice:" + secret, invalid, false},
		{"no padding", "Basic " + strings.TrimRight(encode("alice:"+secret), "="), invalid, false},
		{"too much padding", "Basic " + encode("a:b") + "=", invalid, false},
		{"bits left over", "Basic YTpiYx==", invalid, false}, // YTpiYw== is a:bc
		{"base64 for URLs", "Basic " + base64.URLEncoding.EncodeToString([]byte("alice:\u07ff\u07ff??>>")), invalid, false},
		{"HOSTILE 16: a line end that base64 would skip", "Basic " + right[:8] + "\r\n" + right[8:], invalid, false},
		{"HOSTILE 16: NUL outside", "Basic " + right + "\x00", invalid, false},
		{"HOSTILE 16: percent-encoded", "Basic " + strings.ReplaceAll(right, "=", "%3D") + "%0A", invalid, false},

		{"no colon", "Basic " + encode("alice"), invalid, false},
		{"nothing", "Basic " + encode(":"), invalid, false},
		{"no user name", "Basic " + encode(":"+secret), invalid, false},
		{"no password", "Basic " + encode("alice:"), invalid, false},
		{"another password", "Basic " + encode("alice:another"), invalid, true},
		{"an unknown user", "Basic " + encode("mallory:"+secret), invalid, true},
		{"a colon in the password", "Basic " + encode("alice:"+secret+":"), invalid, true},
		{"a colon before", "Basic " + encode("alice::"+secret), invalid, true},
		{"another case of the user name", "Basic " + encode("Alice:"+secret), invalid, true},
		{"a space behind", "Basic " + encode("alice:"+secret+" "), invalid, true},
		{"HOSTILE 16: NUL behind the user name", "Basic " + encode("alice\x00:"+secret), invalid, false},
		{"HOSTILE 16: NUL behind the password", "Basic " + encode("alice:"+secret+"\x00"), invalid, false},
		{"HOSTILE 16: a line end behind the password", "Basic " + encode("alice:"+secret+"\n"), invalid, false},
		{"a DEL", "Basic " + encode("alice:"+secret+"\x7f"), invalid, false},
		{"a control character of C1", "Basic " + encode("alice:"+secret+"\u0085"), invalid, false},
		{"Latin-1", "Basic " + encode("zo\xeb:"+secret), invalid, false},
		{"a surrogate", "Basic " + encode("zo\xed\xa0\x80:"+secret), invalid, false},
		{"an overlong colon", "Basic " + encode("alice\xc0\xba"+secret), invalid, false},
		{"UTF-16", "Basic " + encode("a\x00:\x00b\x00"), invalid, false},

		{"as long as may be", "Basic " + encode(long[:255]+":"+long), invalid, true},
		{"HOSTILE 15: a long user name", "Basic " + encode(long[:256]+":x"), invalid, false},
		{"HOSTILE 15: a long password", "Basic " + encode("a:"+long+"x"), invalid, false},
		{"HOSTILE 15: 1 MiB", "Basic " + strings.Repeat("YTph", 1<<18), invalid, false},
		{"HOSTILE 15: spaces", "Basic " + strings.Repeat(" ", 1<<20) + right, invalid, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, users, _ := newBackend(t, basic.Config{Remember: -1})
			p, err := b.Authenticate(request(c.value))
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.err == nil, p.IsAuthenticated())
			assert.Equal(t, c.asked, users.asked.Load() == 1, "whether Check is asked")
			if err != nil {
				assert.Nil(t, p)
				for _, part := range []string{"sesame", "alice", "xxxx", right[:8]} {
					assert.NotContains(t, err.Error(), part, "HOSTILE 112")
				}
			}
		})
	}

	b, users, _ := newBackend(t, basic.Config{})
	t.Run("HOSTILE 1: no header field", func(t *testing.T) {
		_, err := b.Authenticate(httptest.NewRequest(http.MethodGet, "/", nil))
		assert.True(t, err == none, "compared with == by those who look elsewhere then")
	})
	t.Run("HOSTILE 9: two header fields", func(t *testing.T) {
		r := login("alice", secret)
		r.Header.Add("Authorization", r.Header.Get("Authorization"))
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, invalid)
	})
	t.Run("HOSTILE 14, 22: elsewhere", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "http://alice:"+secret+"@example.com/?username=alice&password="+secret, nil)
		for _, name := range []string{"Proxy-Authorization", "X-Authorization", "Cookie"} {
			r.Header.Set(name, "Basic "+right)
		}
		r.Header.Set("X-Remote-User", "alice")
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, none)
	})
	assert.Zero(t, users.asked.Load())
}

func TestErrorsOfCheck(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		err  error
		want error
		not  error
	}{
		{runtime.ErrInvalidCredentials, runtime.ErrInvalidCredentials, runtime.ErrRevoked},
		{runtime.ErrNoCredentials, runtime.ErrNoCredentials, runtime.ErrRevoked},
		{runtime.ErrUnauthenticated, runtime.ErrRevoked, runtime.ErrInvalidCredentials},
		{runtime.ErrForbidden, runtime.ErrRevoked, runtime.ErrInvalidCredentials},
		{runtime.ErrRevoked, runtime.ErrRevoked, runtime.ErrInvalidCredentials},
		{runtime.ErrUnavailable, runtime.ErrUnavailable, runtime.ErrInvalidCredentials},
		{runtime.ErrTooManyRequests, runtime.ErrTooManyRequests, runtime.ErrInvalidCredentials},
		{broken, broken, runtime.ErrInvalidCredentials},
	} {
		b, _, _ := newBackend(t, basic.Config{Check: func(context.Context, string, string) (runtime.Identity, error) {
			return runtime.Identity{UserID: "alice"}, fmt.Errorf("look up: %w", c.err) // HOSTILE 124: both
		}})
		for range 2 { // nothing is remembered
			p, err := b.Authenticate(login("alice", secret))
			assert.Nil(t, p)
			assert.ErrorIs(t, err, c.want)
			assert.NotErrorIs(t, err, c.not)
		}
	}
}

func TestNobody(t *testing.T) { // HOSTILE 124
	b, _, _ := newBackend(t, basic.Config{Check: func(context.Context, string, string) (runtime.Identity, error) {
		return runtime.Identity{Superuser: true}, nil
	}})
	for range 2 {
		p, err := b.Authenticate(login("alice", secret))
		assert.Nil(t, p)
		require.Error(t, err)
		assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
		assert.NotErrorIs(t, err, runtime.ErrNoCredentials)
	}
}

func TestIdentityCannotDisguise(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{Check: func(context.Context, string, string) (runtime.Identity, error) {
		return runtime.Identity{UserID: "alice", Backend: "jwt", Ambient: false}, nil
	}})
	p, err := b.Authenticate(login("alice", secret))
	require.NoError(t, err)
	assert.Equal(t, "basic", p.Backend())
	assert.True(t, p.Ambient())
}

func TestRefusesWhenNotMade(t *testing.T) { // HOSTILE 124
	for name, b := range map[string]*basic.Backend{"zero": {}, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*http.Request{login("alice", secret), request(""), httptest.NewRequest(http.MethodGet, "/", nil)} {
				p, err := b.Authenticate(r)
				require.Error(t, err)
				assert.NotErrorIs(t, err, runtime.ErrNoCredentials, "that would let another backend answer")
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
				assert.Nil(t, p)
			}
			assert.NotEmpty(t, b.Name())
			assert.NotEmpty(t, b.Challenge(nil, runtime.ErrNoCredentials))
			b.Forget("alice")
		})
	}
}

func TestChallenge(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{})
	assert.Equal(t, `Basic realm="api", charset="UTF-8"`, b.Challenge(nil, runtime.ErrNoCredentials))
	_, malformed := b.Authenticate(request("Basic x"))
	_, wrong := b.Authenticate(login("alice", "wrong"))
	_, unknown := b.Authenticate(login("mallory", "wrong"))
	for _, err := range []error{malformed, wrong, unknown} {
		assert.Equal(t, `Basic realm="api", charset="UTF-8"`, b.Challenge(nil, err), "HOSTILE 113")
	}
	b, _, _ = newBackend(t, basic.Config{Realm: `the "blog"`})
	assert.Equal(t, `Basic realm="the \"blog\"", charset="UTF-8"`, b.Challenge(nil, nil))
}

func TestNewRefuses(t *testing.T) {
	check := new(users).check
	for _, c := range []struct {
		name   string
		config basic.Config
		want   string
	}{
		{"no Check", basic.Config{}, "Check: nil"},
		{"HOSTILE 111: a realm with a line end", basic.Config{Check: check, Realm: "a\r\nb"}, "Realm: "},
		{"a realm beyond ASCII", basic.Config{Check: check, Realm: "Büro"}, "Realm: "},
		{"a day", basic.Config{Check: check, Remember: 24 * time.Hour}, "Remember: longer than 1h0m0s"},
		{"no room", basic.Config{Check: check, Size: -1}, "Size: "},
		{"too much room", basic.Config{Check: check, Size: 1_000_001}, "Size: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := basic.New(c.config)
			require.Error(t, err)
			assert.Nil(t, b)
			assert.Contains(t, err.Error(), "basic.New: ")
			assert.Contains(t, err.Error(), c.want)
		})
	}
	_, err := basic.New(basic.Config{Realm: "\x00", Size: -1})
	for _, want := range []string{"Check", "Realm", "Size"} {
		assert.ErrorContains(t, err, want)
	}
}

func TestConflicts(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{})
	other, _, _ := newBackend(t, basic.Config{})
	assert.Error(t, b.ConflictsWith(other))
	assert.NoError(t, b.ConflictsWith(nil))
}

// A header field is judged only if it holds what RFC 7617 allows, and only as
// what it says.
func FuzzAuthenticate(f *testing.F) {
	for _, value := range []string{"", "Basic", "Basic " + encode("a:b"), "basic  " + encode("a:b:c"), "Basic " + encode(":"), "Basic YTpiYx==",
		"Basic " + encode("zo\xeb:x"), "Basic YTpi\n", "Bearer x", "Basic " + encode("a\x00:b"), encode("alice:" + secret)} {
		f.Add(value)
	}
	var username, password string
	b, _, _ := newBackend(f, basic.Config{Remember: -1, Check: func(_ context.Context, u, p string) (runtime.Identity, error) {
		username, password = u, p
		return runtime.Identity{UserID: "somebody"}, nil
	}})
	f.Fuzz(func(t *testing.T, value string) {
		username, password = "", ""
		p, err := b.Authenticate(request(value))
		if err != nil {
			assert.Nil(t, p)
			assert.Empty(t, username, "refused unseen")
			assert.True(t, errors.Is(err, runtime.ErrInvalidCredentials) || err == runtime.ErrNoCredentials)
			return
		}
		assert.NotEmpty(t, username)
		assert.NotEmpty(t, password)
		assert.NotContains(t, username, ":")
		text := username + ":" + password
		assert.True(t, utf8.ValidString(text))
		assert.False(t, strings.ContainsFunc(text, unicode.IsControl))
		assert.True(t, strings.HasSuffix(value, " "+encode(text)), "there is one way to write it")
		assert.True(t, strings.EqualFold(value[:6], "Basic "))
	})
}
