package apikey_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

// A table is a source in memory, with a clock that the test moves.
type table struct {
	mu      sync.Mutex
	records map[string]apikey.Record
	asked   atomic.Int64
	now     atomic.Int64
}

func newTable() *table {
	t := &table{records: make(map[string]apikey.Record)}
	t.now.Store(noon.UnixNano())
	return t
}

func (t *table) time() time.Time      { return time.Unix(0, t.now.Load()) }
func (t *table) move(d time.Duration) { t.now.Add(int64(d)) }

func (t *table) lookup(_ context.Context, id string) (apikey.Record, error) {
	t.asked.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	r, there := t.records[id]
	if !there {
		return apikey.Record{}, apikey.ErrUnknown
	}
	return r, nil
}

// add makes a key, and lets change have its record.
func (t *table) add(tb testing.TB, change func(*apikey.Record)) apikey.Generated {
	tb.Helper()
	g := generate(tb, "acme")
	r := apikey.Record{ID: g.ID, SHA256: g.SHA256, Permissions: []string{"blog.view_article"}}
	if change != nil {
		change(&r)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records[g.ID] = r
	return g
}

func (t *table) change(id string, change func(*apikey.Record)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.records[id]
	change(&r)
	t.records[id] = r
}

func (t *table) backend(tb testing.TB, change func(*apikey.Config)) *apikey.Backend {
	tb.Helper()
	config := apikey.Config{Lookup: t.lookup, Now: t.time}
	if change != nil {
		change(&config)
	}
	b, err := apikey.New(config)
	require.NoError(tb, err)
	return b
}

func send(b *apikey.Backend, key string) (*runtime.Principal, error) {
	p, err := b.Authenticate(request("X-API-Key", key))
	leak.Error(err)
	return p, err
}

func TestLookup(t *testing.T) {
	keys := newTable()
	g := keys.add(t, func(r *apikey.Record) {
		r.Owner, r.Scopes = "7", []string{"read", "write:all"}
	})
	p, err := send(keys.backend(t, nil), g.Text)
	require.NoError(t, err)
	assert.Equal(t, "apikey:"+g.ID, p.UserID())
	assert.Equal(t, "api_key", p.Backend())
	assert.Equal(t, []string{"blog.view_article"}, p.Permissions())
	assert.True(t, p.HasScope(runtime.NewScope("read")))
	assert.True(t, p.HasScope(runtime.NewScope("write:all")))
	assert.False(t, p.HasScope(runtime.NewScope("write")))
	assert.False(t, p.Ambient() || p.IsStaff() || p.IsSuperuser())
	encoded, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"user_id":"apikey:`+g.ID+`","is_staff":false,"is_superuser":false,"auth_backend":"api_key",
		"permissions":["blog.view_article"],"auth_claims":{"owner":"7","scope":"read write:all"}}`, string(encoded))

	plain := keys.add(t, nil)
	p, err = send(keys.backend(t, nil), plain.Text)
	require.NoError(t, err)
	encoded, err = json.Marshal(p)
	require.NoError(t, err)
	assert.NotContains(t, string(encoded), "auth_claims", "there is nothing to say")
}

// Check has the last word on keys that hold, and does not hear of others.
func TestCheck(t *testing.T) {
	keys := newTable()
	g := keys.add(t, func(r *apikey.Record) { r.Owner = "7" })
	var asked []string
	answer := func(r apikey.Record) (apikey.Record, error) { return r, nil }
	b := keys.backend(t, func(c *apikey.Config) {
		c.Check = func(_ context.Context, r apikey.Record) (apikey.Record, error) {
			asked = append(asked, r.Owner)
			return answer(r)
		}
	})
	p, err := send(b, g.Text)
	require.NoError(t, err)
	assert.Equal(t, []string{"blog.view_article"}, p.Permissions())
	wrong, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	for _, text := range []string{wrong.Text, generate(t, "acme").Text} {
		_, err = send(b, text)
		require.ErrorIs(t, err, apikey.ErrUnknown)
	}
	expired := keys.add(t, func(r *apikey.Record) { r.Expires = noon.Add(-time.Hour) })
	_, err = send(b, expired.Text)
	require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	assert.Equal(t, []string{"7"}, asked)

	for name, test := range map[string]struct {
		answer func(apikey.Record) (apikey.Record, error)
		want   error // nil: accepted without a permission
	}{
		"fewer permissions": {func(r apikey.Record) (apikey.Record, error) { r.Permissions = nil; return r, nil }, nil},
		"the owner is gone": {func(apikey.Record) (apikey.Record, error) { return apikey.Record{}, apikey.ErrUnknown }, apikey.ErrUnknown},
		"revoked meanwhile": {func(r apikey.Record) (apikey.Record, error) { r.Revoked = noon; return r, nil }, runtime.ErrRevoked},
		"another key":       {func(r apikey.Record) (apikey.Record, error) { r.ID = "x"; return r, nil }, apikey.ErrUnknown},
		"another text":      {func(r apikey.Record) (apikey.Record, error) { r.SHA256 = wrong.SHA256; return r, nil }, apikey.ErrUnknown},
		"no record":         {func(apikey.Record) (apikey.Record, error) { return apikey.Record{}, nil }, runtime.ErrUnavailable},
		"an outage":         {func(r apikey.Record) (apikey.Record, error) { return r, errors.New("down") }, runtime.ErrUnavailable},
		"a panic":           {func(apikey.Record) (apikey.Record, error) { panic("s3cr3t") }, runtime.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			answer = test.answer
			p, err := send(b, g.Text)
			require.ErrorIs(t, err, test.want)
			if test.want == nil {
				assert.Empty(t, p.Permissions())
			}
		})
	}
}

func TestKeyOfConfigurationWithOwnerAndScopes(t *testing.T) {
	b, err := apikey.New(apikey.Config{
		Keys: []apikey.Key{{ID: "ci", Secret: ciKey, Owner: "7", Scopes: []string{"read"}, NotBefore: noon}},
		Now:  func() time.Time { return noon },
	})
	require.NoError(t, err)
	p, err := send(b, ciKey)
	require.NoError(t, err)
	owner, _ := p.Claim("owner")
	assert.Equal(t, "7", owner)
	assert.True(t, p.HasScope(runtime.NewScope("read")))
}

// A generated key may stand in the configuration, and is not looked up then.
func TestGeneratedKeyInTheConfiguration(t *testing.T) {
	keys := newTable()
	g, other := generate(t, "acme"), keys.add(t, nil)
	b := keys.backend(t, func(c *apikey.Config) {
		c.Keys = []apikey.Key{{ID: "ci", SHA256: g.SHA256.String(), Expires: noon.Add(time.Hour)}, {ID: "old", Secret: ciKey}}
	})
	for key, id := range map[string]string{g.Text: "apikey:ci", ciKey: "apikey:old"} {
		p, err := send(b, key)
		require.NoError(t, err)
		assert.Equal(t, id, p.UserID())
	}
	assert.Zero(t, keys.asked.Load())
	_, err := send(b, other.Text)
	require.NoError(t, err)

	keys.move(time.Hour)
	_, err = send(b, g.Text)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	assert.ErrorContains(t, err, "expired")
	assert.EqualValues(t, 1, keys.asked.Load(), "what the configuration says is not asked again elsewhere")
}

func TestLookupRefuses(t *testing.T) {
	keys := newTable()
	b := keys.backend(t, func(c *apikey.Config) { c.Prefix = "acme" })
	g := keys.add(t, nil)
	wrongSecret, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	otherPrefix, err := apikey.Regenerate("test", g.ID)
	require.NoError(t, err)
	with := func(change func(*apikey.Record)) string { return keys.add(t, change).Text }
	previous := func(until time.Time) string {
		old := generate(t, "acme")
		now, err := apikey.Regenerate("acme", old.ID)
		require.NoError(t, err)
		keys.records[old.ID] = apikey.Record{ID: old.ID, SHA256: now.SHA256, Previous: old.SHA256, PreviousExpires: until}
		return old.Text
	}
	invalid, revoked := runtime.ErrInvalidCredentials, runtime.ErrRevoked
	for _, c := range []struct {
		name  string
		key   string
		err   error
		asked int64
	}{
		{"HOSTILE 78: empty", "", runtime.ErrNoCredentials, 0},
		{"HOSTILE 79: the first bytes", g.Text[:30], invalid, 0},
		{"HOSTILE 79: all but the last", g.Text[:len(g.Text)-1], invalid, 0},
		{"HOSTILE 79: and more", g.Text + "x", invalid, 0},
		{"HOSTILE 80: wrong secret", wrongSecret.Text, invalid, 1},
		{"HOSTILE 80: unknown id", generate(t, "acme").Text, invalid, 1},
		{"HOSTILE 80: the id", g.ID, invalid, 0},
		{"HOSTILE 81: expired now", with(func(r *apikey.Record) { r.Expires = noon }), invalid, 1},
		{"HOSTILE 81: revoked", with(func(r *apikey.Record) { r.Revoked = noon.Add(-time.Hour) }), revoked, 1},
		{"HOSTILE 81: revoked and expired", with(func(r *apikey.Record) { r.Revoked, r.Expires = noon, noon }), revoked, 1},
		{"HOSTILE 81: not valid yet", with(func(r *apikey.Record) { r.NotBefore = noon.Add(1) }), invalid, 1},
		{"HOSTILE 81: rotated out", previous(noon), invalid, 1},
		{"HOSTILE 81: rotated out without overlap", previous(time.Time{}), invalid, 1},
		{"HOSTILE 83: the digest", g.SHA256.String(), invalid, 0},
		{"HOSTILE 84: lower case", strings.ToLower(g.Text), invalid, 0},
		{"HOSTILE 84: percent-encoded", strings.ReplaceAll(g.Text, "_", "%5F"), invalid, 0},
		{"HOSTILE 84: a soft hyphen", g.Text[:10] + "\u00ad" + g.Text[10:], invalid, 0},
		{"a typing error", g.Text[:25] + "_" + g.Text[26:], invalid, 0},
		{"another checksum", g.Text[:len(g.Text)-6] + "000000", invalid, 0},
		{"another prefix", otherPrefix.Text, invalid, 0},
		{"a key of the old form", ciKey, invalid, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys.asked.Store(0)
			p, err := send(b, c.key)
			assert.ErrorIs(t, err, c.err)
			assert.Nil(t, p)
			assert.Equal(t, c.asked, keys.asked.Load(), "how often the source was asked")
			if len(c.key) > 22 {
				assert.NotContains(t, err.Error(), c.key[len(c.key)-10:], "HOSTILE 83: the key in an error")
			}
			if !errors.Is(err, runtime.ErrNoCredentials) {
				assert.Equal(t, b.Challenge(nil, apikey.ErrUnknown), b.Challenge(nil, err), "HOSTILE 113")
			}
		})
	}
	_, err = send(b, g.Text)
	assert.NoError(t, err, "the good one")
}

func TestInstantsOfARecord(t *testing.T) { // HOSTILE 81
	keys := newTable()
	b := keys.backend(t, nil)
	old := keys.add(t, nil)
	current, err := apikey.Regenerate("acme", old.ID)
	require.NoError(t, err)
	keys.change(old.ID, func(r *apikey.Record) {
		r.SHA256, r.Previous, r.PreviousExpires = current.SHA256, old.SHA256, noon.Add(2*time.Hour)
		r.NotBefore, r.Expires = noon.Add(time.Hour), noon.Add(3*time.Hour)
	})
	for _, c := range []struct {
		at           time.Duration
		current, old bool
	}{
		{0, false, false}, {time.Hour - 1, false, false}, {time.Hour, true, true}, {2*time.Hour - 1, true, true},
		{2 * time.Hour, true, false}, {3*time.Hour - 1, true, false}, {3 * time.Hour, false, false},
	} {
		keys.now.Store(noon.Add(c.at).UnixNano())
		_, err := send(b, current.Text)
		assert.Equal(t, c.current, err == nil, "current at %v", c.at)
		p, err := send(b, old.Text)
		require.Equal(t, c.old, err == nil, "old at %v", c.at)
		if err == nil {
			assert.Equal(t, "apikey:"+old.ID, p.UserID(), "the same user")
		}
	}
	keys.change(old.ID, func(r *apikey.Record) { r.Expires, r.PreviousExpires = noon.Add(time.Minute), noon.Add(24*time.Hour) })
	_, err = send(b, old.Text)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials, "the old text does not outlive the key")
}

func TestDemotedOwner(t *testing.T) { // HOSTILE 82
	keys := newTable()
	g := keys.add(t, func(r *apikey.Record) { r.Owner, r.Permissions = "7", []string{"view", "delete"} })
	may := map[string]bool{"view": true, "delete": true}
	b := keys.backend(t, func(c *apikey.Config) {
		c.Lookup = func(ctx context.Context, id string) (apikey.Record, error) {
			r, err := keys.lookup(ctx, id)
			if len(may) == 0 {
				return r, apikey.ErrUnknown
			}
			var left []string
			for _, permission := range r.Permissions {
				if may[permission] {
					left = append(left, permission)
				}
			}
			r.Permissions = left
			return r, err
		}
	})
	p, err := send(b, g.Text)
	require.NoError(t, err)
	assert.Equal(t, []string{"view", "delete"}, p.Permissions())
	delete(may, "delete")
	p, err = send(b, g.Text)
	require.NoError(t, err)
	assert.Equal(t, []string{"view"}, p.Permissions())
	delete(may, "view")
	_, err = send(b, g.Text)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
}

func TestLookupFails(t *testing.T) { // HOSTILE 63
	g := generate(t, "acme")
	good := apikey.Record{ID: g.ID, SHA256: g.SHA256}
	for _, c := range []struct {
		name   string
		lookup func(ctx context.Context, id string) (apikey.Record, error)
		want   error
	}{
		{"down", func(context.Context, string) (apikey.Record, error) { return good, errors.New("connection refused") }, runtime.ErrUnavailable},
		{"panics", func(context.Context, string) (apikey.Record, error) { panic(g.Text) }, runtime.ErrUnavailable},
		{"waits for its context", func(ctx context.Context, _ string) (apikey.Record, error) {
			<-ctx.Done()
			return good, ctx.Err()
		}, runtime.ErrUnavailable},
		{"ignores its context", func(context.Context, string) (apikey.Record, error) {
			time.Sleep(time.Minute)
			return good, nil
		}, runtime.ErrUnavailable},
		{"says nothing", func(context.Context, string) (apikey.Record, error) { return apikey.Record{}, nil }, runtime.ErrUnavailable},
		{"a record without an ID", func(context.Context, string) (apikey.Record, error) {
			return apikey.Record{SHA256: g.SHA256}, nil
		}, runtime.ErrUnavailable},
		{"two scopes in one", func(context.Context, string) (apikey.Record, error) {
			return apikey.Record{ID: g.ID, SHA256: g.SHA256, Scopes: []string{"a admin"}}, nil
		}, runtime.ErrUnavailable},
		{"another key's record", func(context.Context, string) (apikey.Record, error) {
			return apikey.Record{ID: strings.ToLower(g.ID) + "x", SHA256: g.SHA256}, nil
		}, runtime.ErrInvalidCredentials},
		{"a record without a digest", func(context.Context, string) (apikey.Record, error) { return apikey.Record{ID: g.ID}, nil }, runtime.ErrInvalidCredentials},
		{"no rows", func(context.Context, string) (apikey.Record, error) {
			return apikey.Record{}, fmt.Errorf("load: %w", sql.ErrNoRows)
		}, runtime.ErrInvalidCredentials},
		{"a record and unknown", func(context.Context, string) (apikey.Record, error) { return good, apikey.ErrUnknown }, runtime.ErrInvalidCredentials},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := apikey.New(apikey.Config{Lookup: c.lookup})
				require.NoError(t, err)
				start := time.Now()
				p, err := send(b, g.Text)
				assert.ErrorIs(t, err, c.want)
				assert.NotErrorIs(t, err, map[bool]error{true: runtime.ErrInvalidCredentials, false: runtime.ErrUnavailable}[c.want == runtime.ErrUnavailable])
				assert.Nil(t, p)
				assert.LessOrEqual(t, time.Since(start), 2*time.Second)
				assert.NotContains(t, err.Error(), g.Text[22:], "HOSTILE 83: the key in an error")
				time.Sleep(time.Minute) // for the one that ignores its context
			})
		})
	}
}

// A source that hangs holds a bounded number of goroutines, and the others are refused at once.
func TestLookupHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b, err := apikey.New(apikey.Config{Lookup: func(context.Context, string) (apikey.Record, error) {
			<-release
			return apikey.Record{}, apikey.ErrUnknown
		}})
		require.NoError(t, err)
		key := generate(t, "acme").Text
		var group sync.WaitGroup
		for range 2000 {
			group.Go(func() {
				_, err := send(b, key)
				assert.ErrorIs(t, err, runtime.ErrUnavailable)
			})
		}
		group.Wait()
		assert.LessOrEqual(t, goruntime.NumGoroutine(), 1024+50)
		close(release)
		synctest.Wait()
		_, err = send(b, key)
		assert.ErrorIs(t, err, runtime.ErrInvalidCredentials, "it works again")
	})
}

func TestNewRefusesSettingsOfLookup(t *testing.T) {
	lookup := newTable().lookup
	for want, config := range map[string]apikey.Config{
		"Prefix: set without Lookup":   {Prefix: "acme"},
		"Remember: set without Lookup": {Remember: 1},
		"Check: set without Lookup":    {Check: func(context.Context, apikey.Record) (apikey.Record, error) { return apikey.Record{}, nil }},
		"SaveUses: set without Lookup": {SaveUses: func(context.Context, []apikey.Use) error { return nil }},
		"Prefix: the prefix is not":    {Lookup: lookup, Prefix: "Acme"},
		"Remember: not between":        {Lookup: lookup, Remember: time.Minute + 1},
		"Keys[0]: Scopes[0]":           {Keys: []apikey.Key{{ID: "a", Secret: "x", Scopes: []string{"a b"}}}},
		"Keys[0]: Owner":               {Keys: []apikey.Key{{ID: "a", Secret: "x", Owner: "a\n"}}},
		"Keys[0]: Expires":             {Keys: []apikey.Key{{ID: "a", Secret: "x", NotBefore: noon, Expires: noon}}},
	} {
		b, err := apikey.New(config)
		assert.ErrorContains(t, err, want)
		assert.Nil(t, b)
	}
	_, err := apikey.New(apikey.Config{Lookup: lookup, Remember: -1})
	assert.ErrorContains(t, err, "Remember: not between")
}

func TestRemember(t *testing.T) {
	keys := newTable()
	b := keys.backend(t, func(c *apikey.Config) { c.Remember = 10 * time.Second })
	g := keys.add(t, func(r *apikey.Record) { r.Expires = noon.Add(25 * time.Second) })
	wrong, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	step := func(after time.Duration, key string, want error, asked int64) {
		t.Helper()
		keys.move(after)
		keys.asked.Store(0)
		_, err := send(b, key)
		require.ErrorIs(t, err, want)
		require.Equal(t, asked, keys.asked.Load(), "how often the source was asked")
	}
	step(0, g.Text, nil, 1)
	step(9*time.Second, g.Text, nil, 0)
	step(0, wrong.Text, runtime.ErrInvalidCredentials, 1) // HOSTILE 80: as if it were unknown
	step(0, wrong.Text, runtime.ErrInvalidCredentials, 1) // and is never remembered
	keys.change(g.ID, func(r *apikey.Record) { r.Revoked = noon })
	step(time.Second-1, g.Text, nil, 0)
	step(1, g.Text, runtime.ErrRevoked, 1) // HOSTILE 72: revoked while remembered, and seen within the bound
	keys.change(g.ID, func(r *apikey.Record) { r.Revoked = time.Time{} })
	step(6*time.Second, g.Text, nil, 1)
	step(9*time.Second, g.Text, runtime.ErrInvalidCredentials, 0) // HOSTILE 72: expires while remembered
	step(-24*time.Second, g.Text, nil, 1)                         // HOSTILE 74: the clock was set back
	keys.change(g.ID, func(r *apikey.Record) { r.Revoked = noon })
	step(-time.Hour, g.Text, runtime.ErrRevoked, 1)
}

func TestRememberIsBounded(t *testing.T) {
	keys := newTable()
	b := keys.backend(t, func(c *apikey.Config) { c.Remember = time.Minute })
	before := heap()
	for range 20_000 {
		g := keys.add(t, nil)
		_, err := send(b, g.Text)
		require.NoError(t, err)
		keys.mu.Lock()
		delete(keys.records, g.ID)
		keys.mu.Unlock()
	}
	assert.Less(t, int64(heap())-int64(before), int64(10<<20), "20,000 would be more")
	goruntime.KeepAlive(b)
}

func heap() uint64 {
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return m.HeapAlloc
}

// 100,000 guesses, from many addresses and at many keys, take no memory, and the honest are served.
func TestGuesses(t *testing.T) { // HOSTILE 85
	keys := newTable()
	limiter, err := throttle.New(throttle.Config{Now: keys.time})
	require.NoError(t, err)
	b := keys.backend(t, func(c *apikey.Config) {
		c.Limiter, c.Remember = limiter, 10*time.Second
		c.Keys = []apikey.Key{{ID: "ci", Secret: ciKey}}
	})
	victim := keys.add(t, nil)
	from := func(address, key string) error {
		r := httptest.NewRequest(http.MethodGet, "/", nil) // not request, which remembers the key
		r.Header.Set("X-API-Key", key)
		r.RemoteAddr = address
		_, err := b.Authenticate(r)
		return err
	}
	require.NoError(t, from("192.0.2.1:1", victim.Text))
	before := heap()
	var invalid, throttled int
	for i := range 100_000 {
		keys.move(time.Minute / 100_000)
		key := fmt.Sprintf("guess-%d", i)
		switch i % 3 {
		case 0:
			g, err := apikey.Regenerate("acme", victim.ID)
			require.NoError(t, err)
			key = g.Text
		case 1:
			key = generate(t, "acme").Text
		}
		switch err := from(fmt.Sprintf("10.0.%d.%d:1", i%2, i%100), key); {
		case errors.Is(err, runtime.ErrTooManyRequests):
			throttled++
		case errors.Is(err, runtime.ErrInvalidCredentials):
			invalid++
		default:
			require.NoError(t, err)
			require.Fail(t, "a guess was right")
		}
	}
	assert.Less(t, invalid, 100*60, "about 50 for each address")
	assert.Equal(t, 100_000, invalid+throttled)
	assert.Less(t, int64(heap())-int64(before), int64(4<<20))
	require.NoError(t, from("192.0.2.1:1", victim.Text), "the owner")
	require.NoError(t, from("192.0.2.2:1", victim.Text), "the owner, elsewhere")
	require.NoError(t, from("192.0.2.2:1", ciKey))

	err = from("10.0.0.0:1", victim.Text)
	require.ErrorIs(t, err, runtime.ErrTooManyRequests, "even the right key, or the guesser would know")
	answer := new(runtime.Error)
	require.ErrorAs(t, err, &answer)
	assert.Positive(t, answer.RetryAfter)
	assert.Equal(t, `ApiKey realm="api"`, b.Challenge(nil, err))
}

func TestLimiterCountsOnlyWhatCouldBeAKey(t *testing.T) {
	keys := newTable()
	limiter, err := throttle.New(throttle.Config{PerAddress: 3, Now: keys.time})
	require.NoError(t, err)
	g := keys.add(t, nil)
	b := keys.backend(t, func(c *apikey.Config) { c.Limiter, c.Header = limiter, "Authorization" })
	ask := func(key string) error {
		_, err := b.Authenticate(request("Authorization", "Bearer "+key))
		return err
	}
	for range 100 {
		assert.ErrorIs(t, ask("eyJhbGciOiJIUzI1NiJ9.e30.c2ln"), runtime.ErrInvalidCredentials, "another backend's token")
		assert.ErrorIs(t, ask(g.Text[:40]), runtime.ErrInvalidCredentials)
	}
	for range 100 {
		assert.NoError(t, ask(g.Text), "a success is taken back")
	}
	for range 3 {
		assert.ErrorIs(t, ask(generate(t, "acme").Text), runtime.ErrInvalidCredentials)
	}
	assert.ErrorIs(t, ask(g.Text), runtime.ErrTooManyRequests)
}

// A source that is down does not use up anybody's attempts.
func TestLimiterWhileTheSourceIsDown(t *testing.T) {
	keys := newTable()
	limiter, err := throttle.New(throttle.Config{PerAddress: 3, PerAccount: 2, Now: keys.time})
	require.NoError(t, err)
	g, down := keys.add(t, nil), true
	b := keys.backend(t, func(c *apikey.Config) {
		c.Limiter = limiter
		c.Lookup = func(ctx context.Context, id string) (apikey.Record, error) {
			if down {
				return apikey.Record{}, errors.New("down")
			}
			return keys.lookup(ctx, id)
		}
	})
	for range 20 {
		_, err := send(b, g.Text)
		require.ErrorIs(t, err, runtime.ErrUnavailable)
	}
	down = false
	_, err = send(b, g.Text)
	require.NoError(t, err)
}

// A silent observer keeps the tests' logs empty.
type silent struct{}

func (silent) Observe(context.Context, runtime.Event) {}

// All that a client sees of a key that does not hold is the same.
func TestAnswersAreTheSame(t *testing.T) { // HOSTILE 83, 112, 113
	keys := newTable()
	b := keys.backend(t, nil)
	g := keys.add(t, nil)
	wrong, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	api := runtime.NewAPI("test", runtime.WithObserver(silent{}))
	endpoint := api.Guarded(api.Backends(runtime.Backend{Expr: "keys", Authenticator: b}), runtime.Route{Name: "x", Handler: http.NotFoundHandler()}, "GET /x")
	require.NoError(t, api.Err())
	answer := func(key string) string {
		r, w := request("X-API-Key", key), httptest.NewRecorder()
		_, ok := endpoint.Enter(w, r)
		require.False(t, ok)
		assert.NotContains(t, w.Body.String(), key[22:])
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	want := answer(generate(t, "acme").Text)
	assert.True(t, strings.HasPrefix(want, "401"), want)
	for name, key := range map[string]string{
		"wrong":     wrong.Text,
		"expired":   keys.add(t, func(r *apikey.Record) { r.Expires = noon }).Text,
		"revoked":   keys.add(t, func(r *apikey.Record) { r.Revoked = noon }).Text,
		"too early": keys.add(t, func(r *apikey.Record) { r.NotBefore = noon.Add(1) }).Text,
		"mistyped":  g.Text[:len(g.Text)-1] + "_",
	} {
		assert.Equal(t, want, answer(key), name)
	}
}

// Only a key of the source gets in, whatever else is sent, and nothing else reaches the source than what looks like one.
func FuzzLookup(f *testing.F) {
	keys := newTable()
	g := keys.add(f, nil)
	asked := ""
	lookup := func(ctx context.Context, id string) (apikey.Record, error) {
		asked = id
		return keys.lookup(ctx, id)
	}
	change := func(header string) func(*apikey.Config) {
		return func(c *apikey.Config) { c.Lookup, c.Header, c.Prefix = lookup, header, "acme" }
	}
	plain, authorization := keys.backend(f, change("")), keys.backend(f, change("Authorization"))
	wrong, err := apikey.Regenerate("acme", g.ID)
	require.NoError(f, err)
	for _, value := range []string{"", g.Text, wrong.Text, "Bearer " + g.Text, "ApiKey " + wrong.Text, g.Text[:40], g.Text + " ", acmeKey, ciKey, "\x00", "é"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := &http.Request{Header: http.Header{"X-Api-Key": {value}, "Authorization": {value}}}
		for _, b := range []*apikey.Backend{plain, authorization} {
			asked = ""
			p, err := b.Authenticate(r)
			if asked != "" {
				require.Contains(t, value, "acme_"+asked+"_")
			}
			if err == nil {
				require.True(t, strings.HasSuffix(value, g.Text), "%q", value)
				require.Equal(t, "apikey:"+g.ID, p.UserID())
				continue
			}
			require.Nil(t, p)
			require.True(t, errors.Is(err, runtime.ErrNoCredentials) || errors.Is(err, runtime.ErrInvalidCredentials), "%v", err)
			if len(value) > 20 {
				require.NotContains(t, err.Error(), value)
			}
		}
	})
}

func TestParallel(t *testing.T) {
	keys := newTable()
	b := keys.backend(t, func(c *apikey.Config) {
		c.Remember = time.Second
		c.SaveUses = func(context.Context, []apikey.Use) error { return nil }
	})
	g := keys.add(t, func(r *apikey.Record) { r.Owner = "7" })
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 200 {
				p, err := send(b, g.Text)
				assert.NoError(t, err)
				assert.Equal(t, "apikey:"+g.ID, p.UserID())
				if i%50 == 0 {
					keys.move(time.Second)
					assert.NoError(t, b.Flush(context.Background()))
				}
			}
		})
	}
	group.Wait()
}
