package redisstore_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/session/sessiontest"
)

func newSession(t testing.TB, config redisstore.SessionConfig) *redisstore.Session {
	t.Helper()
	s, err := redisstore.NewSession(t.Context(), config)
	require.NoError(t, err)
	return s
}

// record returns a session that was created at noon, can idle for an hour, and live for a day.
func record(name string) session.Record {
	return session.Record{
		ID: digest(name), Secret: digest(name + " secret"), UserID: "7", AuthTime: noon, Created: noon, Seen: noon,
		Expires: noon.Add(time.Hour), Deadline: noon.Add(24 * time.Hour), UserAgent: "Browser/1.0", Address: "192.0.2.1",
		Data: []byte("secret of " + name),
	}
}

func TestSessionConformance(t *testing.T) {
	for _, program := range programs(t) {
		for _, protocol := range []int{2, 3} {
			t.Run(fmt.Sprint(program, ", RESP", protocol), func(t *testing.T) {
				t.Parallel()
				client := startServer(t, program).client(t, func(o *redis.Options) { o.Protocol = protocol })
				sessiontest.Run(t, func(t *testing.T) session.Store {
					return newSession(t, redisstore.SessionConfig{Client: client, Timeout: long})
				})
			})
		}
	}
}

// Twenty write the same version while the session is in use, and one of them does.
func TestSessionOneUpdate(t *testing.T) {
	t.Parallel()
	store := newSession(t, redisstore.SessionConfig{Client: startServer(t, redisServer).client(t), Timeout: long})
	r := record("a")
	require.NoError(t, store.Create(t.Context(), r))
	var mu sync.Mutex
	saved := 0
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			at := noon.Add(time.Duration(i) * time.Second)
			assert.NoError(t, store.Touch(t.Context(), r.ID, at, at.Add(time.Hour)))
			mine := r
			mine.Data = fmt.Append(nil, i)
			if err := store.Update(t.Context(), mine, noon); err == nil {
				mu.Lock()
				defer mu.Unlock()
				saved++
			} else {
				assert.ErrorIs(t, err, session.ErrConflict)
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, saved)
	got, err := store.Load(t.Context(), r.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Version)
	require.True(t, got.Seen.Equal(noon.Add(19*time.Second)), "the latest use counts: %v", got.Seen)
}

// Numbers that Lua cannot tell apart are told apart, and what is smaller than a microsecond makes no session that cannot
// be read again.
func TestSessionFarNumbers(t *testing.T) {
	t.Parallel()
	store := newSession(t, redisstore.SessionConfig{Client: startServer(t, redisServer).client(t), Timeout: long})
	for _, at := range []time.Time{time.Unix(-1<<40, 1000), time.Unix(-1, 0), time.Date(9999, 1, 1, 0, 0, 0, 1000, time.UTC)} {
		r := record(at.String())
		r.AuthTime, r.Created, r.Seen = time.Time{}, at, at
		r.Expires, r.Deadline, r.Version = at.Add(2*time.Microsecond), at.Add(4*time.Microsecond), 1<<60
		require.NoError(t, store.Create(t.Context(), r))
		require.ErrorIs(t, store.Touch(t.Context(), r.ID, at.Add(2*time.Microsecond), at.Add(3*time.Microsecond)), session.ErrNotFound)
		require.ErrorContains(t, store.Touch(t.Context(), r.ID, at.Add(time.Microsecond), at.Add(5*time.Microsecond)), "Deadline")
		require.NoError(t, store.Touch(t.Context(), r.ID, at.Add(time.Microsecond), at.Add(4*time.Microsecond)))
		for _, version := range []int64{1<<60 - 1, 1<<60 + 1} {
			r.Version = version
			require.ErrorIs(t, store.Update(t.Context(), r, at), session.ErrConflict)
		}
		r.Version = 1 << 60
		require.NoError(t, store.Update(t.Context(), r, at.Add(3*time.Microsecond)))
		got, err := store.Load(t.Context(), r.ID)
		require.NoError(t, err)
		require.EqualValues(t, 1<<60+1, got.Version)
		require.True(t, got.AuthTime.IsZero())
		require.True(t, got.Created.Equal(at) && got.Seen.Equal(at.Add(time.Microsecond)) && got.Expires.Equal(at.Add(4*time.Microsecond)))
		require.ErrorIs(t, store.Update(t.Context(), got, at.Add(4*time.Microsecond)), session.ErrNotFound)
	}

	r := record("short")
	r.Seen, r.Expires = noon.Add(100), noon.Add(900) // nanoseconds
	require.ErrorContains(t, store.Create(t.Context(), r), "Expires is not after Seen")
	r = record("long")
	require.NoError(t, store.Create(t.Context(), r))
	require.ErrorContains(t, store.Touch(t.Context(), r.ID, noon.Add(100), noon.Add(900)), "over already")
	r = record("for ever")
	r.Expires, r.Deadline, r.Version = time.Unix(1<<60, 0), time.Unix(1<<61, 0), math.MinInt64
	require.NoError(t, store.Create(t.Context(), r))
	got, err := store.Load(t.Context(), r.ID)
	require.NoError(t, err)
	require.True(t, got.Expires.After(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.EqualValues(t, math.MinInt64, got.Version)
}

// What is over for more than an hour goes, a hundred with each that is created, and nothing else does.
func TestSessionForgets(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newSession(t, redisstore.SessionConfig{Client: client, Timeout: long})
	for i := range 150 {
		require.NoError(t, store.Create(t.Context(), record(fmt.Sprint("over ", i))))
	}
	require.NoError(t, store.Create(t.Context(), record("touched")))
	require.NoError(t, store.Touch(t.Context(), digest("touched"), noon.Add(time.Minute), noon.Add(24*time.Hour)))
	for i, want := range []int64{152, 53, 4} {
		r := record(fmt.Sprint("new ", i))
		r.Created = noon.Add(2 * time.Hour).Add(time.Duration(i) * time.Microsecond) // the first leaves them an hour
		r.Seen, r.Expires = r.Created, r.Created.Add(time.Hour)
		require.NoError(t, store.Create(t.Context(), r))
		sizes := []int64{
			client.HLen(t.Context(), sessionsKey).Val(),
			client.ZCard(t.Context(), "{boltauthgen:session}:users").Val(),
			client.ZCard(t.Context(), "{boltauthgen:session}:expiries").Val(),
		}
		require.Equal(t, []int64{want, want, want}, sizes, i)
	}
	require.NoError(t, store.EndUser(t.Context(), "7", digest("touched")))
	_, err := store.Load(t.Context(), digest("touched"))
	require.NoError(t, err)
	require.NoError(t, store.End(t.Context(), digest("touched")))
	require.Zero(t, client.DBSize(t.Context()).Val(), "nothing is left of what has ended")
}

const sessionsKey = "{boltauthgen:session}:logins"

// What nobody has written there is an error for whoever asks, which does not tell it.
func TestSessionGarbage(t *testing.T) { // HOSTILE 63
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newSession(t, redisstore.SessionConfig{Client: client, Timeout: long})
	r, another := record("it"), record("another")
	another.UserID = "8"
	require.NoError(t, store.Create(t.Context(), r))
	require.NoError(t, store.Create(t.Context(), another))
	name := string(r.ID[:])
	good := client.HGet(t.Context(), sessionsKey, name).Val()
	require.Len(t, good, 104+4*20+32+10+len("01:711:Browser/1.0192.0.2.1secret of it"))
	require.Equal(t, "0000000027", good[216:226])
	letters := strings.Repeat("secret", 4)
	const text = "the server has an entry that this store has not written"
	for about, c := range map[string]struct {
		bad     string
		scripts bool // whether they notice it, too
	}{
		"empty":                    {"", true},
		"the place alone":          {good[:104], true},
		"half":                     {good[:200], true},
		"cut before the length":    {good[:216], true},
		"cut before the data":      {good[:240], true},
		"letters in Expires":       {letters[:20] + good[20:], true},
		"letters in Created":       {good[:52] + letters[:20] + good[72:], true},
		"letters in Seen":          {good[:104] + letters[:20] + good[124:], true},
		"letters in Deadline":      {good[:124] + letters[:20] + good[144:], true},
		"letters in Version":       {good[:144] + letters[:20] + good[164:], true},
		"letters in AuthTime":      {good[:164] + letters[:20] + good[184:], true},
		"letters in the length":    {good[:216] + letters[:10] + good[226:], true},
		"a number that is none":    {good[:216] + "0x00000001" + good[226:], true},
		"too long":                 {good[:216] + "9999999999" + good[226:], true},
		"of another session":       {client.HGet(t.Context(), sessionsKey, string(another.ID[:])).Val(), true},
		"a sign":                   {"-" + good[1:], true},
		"shifted":                  {"0" + good, true},
		"of another user":          {good[:20] + strings.Repeat("x", 32) + good[52:], false},
		"a number out of range":    {strings.Repeat("9", 20) + good[20:], false},
		"no length":                {good[:216] + "0000000000" + good[226:], false},
		"a flag that is none":      {good[:226] + "2" + good[227:], false},
		"the user's name is long":  {good[:227] + "9" + good[228:], false},
		"the user's length is odd": {good[:227] + "x" + good[228:], false},
		"over before it was seen":  {good[:104] + good[124:144] + good[124:], false},
	} {
		require.NoError(t, client.HSet(t.Context(), sessionsKey, name, c.bad).Err())
		got, err := store.Load(t.Context(), r.ID)
		require.EqualError(t, err, "load session: "+text, about)
		require.Zero(t, got)
		records, err := store.List(t.Context(), r.UserID)
		require.EqualError(t, err, "list sessions: "+text, about)
		require.Empty(t, records)
		if c.scripts {
			require.EqualError(t, store.Touch(t.Context(), r.ID, noon.Add(time.Minute), noon.Add(2*time.Hour)), "touch session: "+text, about)
			require.EqualError(t, store.Update(t.Context(), r, noon), "update session: "+text, about)
			require.Equal(t, c.bad, client.HGet(t.Context(), sessionsKey, name).Val(), "it is not touched")
		}
	}
	require.NoError(t, client.HSet(t.Context(), sessionsKey, name, good).Err())
	got, err := store.Load(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, "secret of it", string(got.Data))

	require.NoError(t, client.Del(t.Context(), "{boltauthgen:session}:users").Err())
	_, err = store.List(t.Context(), r.UserID)
	require.ErrorContains(t, err, "lost a part")
	require.ErrorContains(t, store.EndUser(t.Context(), r.UserID, session.Digest{}), "lost a part")
	require.NoError(t, client.Set(t.Context(), "{boltauthgen:session}:users", "1", 0).Err())
	_, err = store.List(t.Context(), r.UserID)
	require.ErrorContains(t, err, "WRONGTYPE")
	require.NoError(t, client.Set(t.Context(), sessionsKey, "1", 0).Err())
	_, err = store.Load(t.Context(), r.ID)
	require.ErrorContains(t, err, "WRONGTYPE")
}
