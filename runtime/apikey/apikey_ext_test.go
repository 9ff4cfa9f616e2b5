package apikey_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

var noon = time.Unix(1_750_000_000, 0)

const (
	ciKey      = "ci-4Q7ZP6T4W2R3Q2ZL7JQ5YKX3"
	reportsKey = "reports-W2R3Q2ZL7JQ5YKX34Q7ZP6T4"
	oldKey     = "old-JQ5YKX34Q7ZP6T4W2R3Q2ZL7"
)

func hexDigest(key string) string {
	digest := sha256.Sum256([]byte(key))
	return hex.EncodeToString(digest[:])
}

func newBackend(t testing.TB, header string) *apikey.Backend {
	t.Helper()
	b, err := apikey.New(apikey.Config{
		Header: header,
		Keys: []apikey.Key{
			{ID: "ci", Secret: ciKey, Permissions: []string{"blog.view_article", "blog.add_article"}},
			{ID: "reports", SHA256: strings.ToUpper(hexDigest(reportsKey)), Expires: noon.Add(time.Second)},
			{ID: "old", Secret: oldKey, Permissions: []string{"blog.view_article"}, Expires: noon},
		},
		Now: func() time.Time { return noon },
	})
	require.NoError(t, err)
	return b
}

func request(header, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set(header, value)
	leak.Request(r)
	return r
}

func TestAuthenticate(t *testing.T) {
	b := newBackend(t, "")
	assert.Equal(t, "api_key", b.Name())

	p, err := b.Authenticate(request("X-API-Key", ciKey))
	require.NoError(t, err)
	assert.True(t, p.IsAuthenticated())
	assert.Equal(t, "apikey:ci", p.UserID())
	assert.Equal(t, "api_key", p.Backend())
	assert.Equal(t, []string{"blog.view_article", "blog.add_article"}, p.Permissions())
	assert.False(t, p.IsStaff())
	assert.False(t, p.IsSuperuser())
	assert.False(t, p.Ambient())
	assert.True(t, p.AuthTime().IsZero())

	encoded, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"user_id":"apikey:ci","is_staff":false,"is_superuser":false,"auth_backend":"api_key",
		"permissions":["blog.view_article","blog.add_article"]}`, string(encoded))

	p, err = b.Authenticate(request("x-api-key", reportsKey))
	require.NoError(t, err)
	assert.Equal(t, "apikey:reports", p.UserID())
	assert.False(t, p.HasPermission("blog.view_article"), "HOSTILE 82: the permissions of another key")
}

func TestAuthenticateRefuses(t *testing.T) {
	none, invalid := runtime.ErrNoCredentials, runtime.ErrInvalidCredentials
	b := newBackend(t, "")
	cases := []struct {
		name  string
		value string
		err   error
	}{
		{"HOSTILE 78: empty", "", none},
		{"HOSTILE 78: a space", " ", invalid},
		{"HOSTILE 79: a prefix of a key", ciKey[:len(ciKey)-1], invalid},
		{"HOSTILE 79: the first byte", ciKey[:1], invalid},
		{"HOSTILE 79: a key and more", ciKey + "x", invalid},
		{"HOSTILE 80: an id", "ci", invalid},
		{"HOSTILE 80: an id as it stands in user_id", "apikey:ci", invalid},
		{"HOSTILE 81: expired now", oldKey, invalid},
		{"HOSTILE 83: the digest of a key", hexDigest(ciKey), invalid},
		{"HOSTILE 84: another case", strings.ToLower(ciKey), invalid},
		{"HOSTILE 84: percent-encoded", strings.ReplaceAll(ciKey, "-", "%2D"), invalid},
		{"HOSTILE 84: full-width letters", strings.ReplaceAll(ciKey, "c", "\uff43"), invalid},
		{"HOSTILE 84: a soft hyphen", strings.ReplaceAll(ciKey, "-", "-\u00ad"), invalid},
		{"HOSTILE 16: NUL", ciKey + "\x00", invalid},
		{"HOSTILE 16: line end", ciKey + "\n", invalid},
		{"HOSTILE 15: 1 MiB", strings.Repeat("x", 1<<20), invalid},
		{"two keys", ciKey + ", " + reportsKey, invalid},
		{"two keys without a space", ciKey + "," + reportsKey, invalid},
		{"trailing space", ciKey + " ", invalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["X-Api-Key"] = []string{c.value}
			p, err := b.Authenticate(r)
			assert.ErrorIs(t, err, c.err)
			assert.Nil(t, p)
			assert.NotContains(t, err.Error(), "Q7ZP6T4", "HOSTILE 83: the key in an error")
		})
	}

	t.Run("HOSTILE 1: no header field", func(t *testing.T) {
		_, err := b.Authenticate(httptest.NewRequest(http.MethodGet, "/", nil))
		assert.ErrorIs(t, err, none)
	})
	t.Run("HOSTILE 9: two header fields", func(t *testing.T) {
		r := request("X-API-Key", ciKey)
		r.Header.Add("X-API-Key", ciKey)
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, invalid)
	})
	t.Run("HOSTILE 83: in the query", func(t *testing.T) {
		_, err := b.Authenticate(httptest.NewRequest(http.MethodGet, "/?x-api-key="+ciKey+"&api_key="+ciKey, nil))
		assert.ErrorIs(t, err, none)
	})
	t.Run("in another header field", func(t *testing.T) {
		_, err := b.Authenticate(request("Authorization", "ApiKey "+ciKey))
		assert.ErrorIs(t, err, none)
	})
}

func TestAuthenticateWithAuthorization(t *testing.T) {
	b := newBackend(t, "authorization")
	for value, want := range map[string]error{
		"Bearer " + ciKey:                       nil,
		"bearer " + ciKey:                       nil,
		"ApiKey " + ciKey:                       nil,
		"APIKEY  " + ciKey:                      nil,
		ciKey:                                   runtime.ErrNoCredentials, // HOSTILE 7
		"Basic " + ciKey:                        runtime.ErrNoCredentials, // HOSTILE 8
		"Bearer":                                runtime.ErrInvalidCredentials,
		"Bearer " + ciKey + " x":                runtime.ErrInvalidCredentials,
		"Bearer " + ciKey + ", Bearer " + ciKey: runtime.ErrInvalidCredentials, // HOSTILE 10
	} {
		_, err := b.Authenticate(request("Authorization", value))
		assert.ErrorIs(t, err, want, value)
	}
}

func TestExpiry(t *testing.T) { // HOSTILE 81
	now := noon
	b, err := apikey.New(apikey.Config{
		Keys: []apikey.Key{{ID: "a", Secret: ciKey, Expires: noon}},
		Now:  func() time.Time { return now },
	})
	require.NoError(t, err)
	for offset, want := range map[time.Duration]error{
		-time.Nanosecond: nil, 0: runtime.ErrInvalidCredentials, time.Hour: runtime.ErrInvalidCredentials,
	} {
		now = noon.Add(offset)
		_, err := b.Authenticate(request("X-API-Key", ciKey))
		assert.ErrorIs(t, err, want, offset)
	}
}

func TestRefusesWhenNotMade(t *testing.T) { // HOSTILE 124
	for name, b := range map[string]*apikey.Backend{"zero": {}, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*http.Request{request("X-API-Key", ciKey), request("X-API-Key", ""), request("", "x")} {
				p, err := b.Authenticate(r)
				require.Error(t, err)
				assert.NotErrorIs(t, err, runtime.ErrNoCredentials, "that would let another backend answer")
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
				assert.Nil(t, p)
			}
			assert.NotEmpty(t, b.Name())
			assert.NotEmpty(t, b.Challenge(nil, runtime.ErrNoCredentials))
		})
	}
	t.Run("HOSTILE 78: without keys", func(t *testing.T) {
		b, err := apikey.New(apikey.Config{})
		require.NoError(t, err)
		_, err = b.Authenticate(request("X-API-Key", "x"))
		assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	})
}

func TestChallenge(t *testing.T) {
	b := newBackend(t, "")
	assert.Equal(t, `ApiKey realm="api"`, b.Challenge(nil, runtime.ErrNoCredentials))
	assert.Equal(t, `ApiKey realm="api"`, b.Challenge(nil, nil))

	_, unknown := b.Authenticate(request("X-API-Key", "unknown"))
	_, expired := b.Authenticate(request("X-API-Key", oldKey))
	assert.Contains(t, b.Challenge(nil, unknown), `error="invalid_token"`)
	assert.Equal(t, b.Challenge(nil, unknown), b.Challenge(nil, expired), "HOSTILE 113")
}

func TestNewRefuses(t *testing.T) {
	key := func(change func(*apikey.Key)) []apikey.Key {
		k := apikey.Key{ID: "ci", Secret: ciKey}
		change(&k)
		return []apikey.Key{{ID: "first", Secret: "first-secret"}, k}
	}
	cases := []struct {
		name   string
		config apikey.Config
		want   string
	}{
		{"HOSTILE 78: no key", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret = "" })}, "Keys[1]: Secret: empty"},
		{"HOSTILE 78: digest of nothing", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret, k.SHA256 = "", hexDigest("") })}, "Keys[1]: SHA256"},
		{"both", apikey.Config{Keys: key(func(k *apikey.Key) { k.SHA256 = hexDigest("x") })}, "Keys[1]: Secret: set beside SHA256"},
		{"HOSTILE 57: line end", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret += "\n" })}, "Keys[1]: Secret"},
		{"space", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret = "Bearer " + k.Secret })}, "Keys[1]: Secret"},
		{"not ASCII", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret += "é" })}, "Keys[1]: Secret"},
		{"too long", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret = strings.Repeat("x", 4097) })}, "Keys[1]: Secret"},
		{"short digest", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret, k.SHA256 = "", hexDigest("x")[1:] })}, "Keys[1]: SHA256"},
		{"a key in place of a digest", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret, k.SHA256 = "", ciKey })}, "Keys[1]: SHA256"},
		{"no id", apikey.Config{Keys: key(func(k *apikey.Key) { k.ID = "" })}, "Keys[1]: ID"},
		{"line end in an id", apikey.Config{Keys: key(func(k *apikey.Key) { k.ID = "a\n" })}, "Keys[1]: ID"},
		{"long id", apikey.Config{Keys: key(func(k *apikey.Key) { k.ID = strings.Repeat("x", 256) })}, "Keys[1]: ID"},
		{"id twice", apikey.Config{Keys: key(func(k *apikey.Key) { k.ID = "first" })}, "Keys[1]: ID: that of Keys[0]"},
		{"key twice", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret = "first-secret" })}, "Keys[1]: the key is that of Keys[0]"},
		{"key twice, once as a digest", apikey.Config{Keys: key(func(k *apikey.Key) { k.Secret, k.SHA256 = "", hexDigest("first-secret") })}, "Keys[1]: the key is that of Keys[0]"},
		{"empty permission", apikey.Config{Keys: key(func(k *apikey.Key) { k.Permissions = []string{"a", ""} })}, "Keys[1]: Permissions[1]"},
		{"permission with a space", apikey.Config{Keys: key(func(k *apikey.Key) { k.Permissions = []string{"a "} })}, "Keys[1]: Permissions[0]"},
		{"header name", apikey.Config{Header: "X API Key"}, "Header"},
		{"cookie", apikey.Config{Header: "Cookie"}, "Header"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, err := apikey.New(c.config)
			require.Error(t, err)
			assert.Nil(t, b)
			assert.Contains(t, err.Error(), "apikey.New: ")
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), "Q7ZP6T4", "HOSTILE 83: the key in an error")
			assert.NotContains(t, err.Error(), "first-secret", "HOSTILE 83: the key in an error")
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := apikey.New(apikey.Config{Header: " ", Keys: []apikey.Key{{}, {ID: "a"}}})
		for _, want := range []string{"Header", "Keys[0]: Secret", "Keys[0]: ID", "Keys[1]: Secret"} {
			assert.ErrorContains(t, err, want)
		}
	})
}

func TestPrincipalDoesNotFollowTheConfiguration(t *testing.T) { // HOSTILE 109
	permissions := []string{"blog.view_article"}
	b, err := apikey.New(apikey.Config{Keys: []apikey.Key{{ID: "ci", Secret: ciKey, Permissions: permissions}}})
	require.NoError(t, err)
	permissions[0] = "blog.delete_article"
	p, err := b.Authenticate(request("X-API-Key", ciKey))
	require.NoError(t, err)
	assert.Equal(t, []string{"blog.view_article"}, p.Permissions())
}

func TestNothingPrintsTheKey(t *testing.T) { // HOSTILE 83
	b := newBackend(t, "")
	p, err := b.Authenticate(request("X-API-Key", ciKey))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, p), ciKey)
		assert.NotContains(t, fmt.Sprintf(verb, b), ciKey)
	}
}

func TestAuthenticateAllocations(t *testing.T) {
	b, r := newBackend(t, ""), request("X-API-Key", ciKey)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = b.Authenticate(r) }))
}

// Only a configured key gets in, whatever else is sent.
func FuzzAuthenticate(f *testing.F) {
	for _, key := range []string{"", ciKey, reportsKey, oldKey, "Bearer " + ciKey, "ApiKey " + ciKey, ciKey + " ", "\x00", "é", "a, b"} {
		f.Add(key)
	}
	plain, authorization := newBackend(f, ""), newBackend(f, "Authorization")
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["X-Api-Key"] = []string{value}
		r.Header["Authorization"] = []string{value}
		for _, b := range []*apikey.Backend{plain, authorization} {
			p, err := b.Authenticate(r)
			if err == nil {
				assert.Contains(t, []string{"apikey:ci", "apikey:reports"}, p.UserID())
				assert.True(t, strings.HasSuffix(value, ciKey) || strings.HasSuffix(value, reportsKey))
			} else {
				assert.Nil(t, p)
			}
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			keys := []apikey.Key{{ID: "ci", Secret: ciKey, Permissions: []string{"blog.view_article"}}}
			for i := range n - 1 {
				keys = append(keys, apikey.Key{ID: fmt.Sprint(i), Secret: fmt.Sprintf("secret-%d", i)})
			}
			backend, err := apikey.New(apikey.Config{Keys: keys})
			require.NoError(b, err)
			r := request("X-API-Key", ciKey)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := backend.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
