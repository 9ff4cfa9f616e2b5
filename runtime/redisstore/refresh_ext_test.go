package redisstore_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
)

func newRefresh(t testing.TB, config redisstore.RefreshConfig) *redisstore.Refresh {
	t.Helper()
	s, err := redisstore.NewRefresh(t.Context(), config)
	require.NoError(t, err)
	return s
}

// noon is the present of most tests here. The stores have no clock.
var noon = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)

const grace = 30 * time.Second

func digest(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// family returns one that started at noon and is good for an hour.
func family(id string) refresh.Family {
	return refresh.Family{Issuer: issuer, ID: id, UserID: "7", Started: noon, Expires: noon.Add(time.Hour), Current: digest("0")}
}

// rotation returns one a minute after noon.
func rotation(id, from, to string) refresh.Rotation {
	return refresh.Rotation{
		Issuer: issuer, Family: id, Old: digest(from), New: digest(to), Sealed: []byte("sealed " + to),
		Now: noon.Add(time.Minute), Grace: grace, Expires: noon.Add(2 * time.Hour),
	}
}

func rotate(t testing.TB, s refresh.Store, r refresh.Rotation, want refresh.Outcome, about ...any) {
	t.Helper()
	result, err := s.Rotate(t.Context(), r)
	require.NoError(t, err, about...)
	require.Equal(t, want, result.Outcome, about...)
}

func TestRefreshConformance(t *testing.T) {
	for _, program := range programs(t) {
		for _, protocol := range []int{2, 3} {
			t.Run(fmt.Sprint(program, ", RESP", protocol), func(t *testing.T) {
				t.Parallel()
				client := startServer(t, program).client(t, func(o *redis.Options) { o.Protocol = protocol })
				refreshtest.Run(t, func(t *testing.T) refresh.Store {
					return newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
				})
			})
		}
	}
}

// Fifty present one token at the same time, over several clients, and one of them replaces it, though the server forgets
// the script again and again.
func TestRefreshOneSuccessor(t *testing.T) { // HOSTILE 69
	t.Parallel()
	server := startServer(t, redisServer)
	var stores []*redisstore.Refresh
	for range 5 {
		stores = append(stores, newRefresh(t, redisstore.RefreshConfig{Client: server.client(t), Timeout: long}))
	}
	admin := server.client(t)
	for round := range 10 {
		id := fmt.Sprint(round)
		require.NoError(t, stores[0].Start(t.Context(), family(id)))
		var mu sync.Mutex
		count := map[refresh.Outcome]int{}
		sealed := map[string]int{}
		var group sync.WaitGroup
		gate := make(chan struct{})
		for i := range 50 {
			group.Go(func() {
				<-gate
				if i%10 == 9 {
					assert.NoError(t, admin.ScriptFlush(t.Context()).Err())
				}
				result, err := stores[i%5].Rotate(t.Context(), rotation(id, "0", fmt.Sprint("successor ", i)))
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				count[result.Outcome]++
				if result.Outcome == refresh.Repeated {
					sealed[string(result.Sealed)]++
				}
			})
		}
		close(gate)
		group.Wait()
		require.Equal(t, map[refresh.Outcome]int{refresh.Rotated: 1, refresh.Repeated: 49}, count)
		require.Len(t, sealed, 1)
		for text := range sealed {
			rotate(t, stores[0], rotation(id, strings.TrimPrefix(text, "sealed "), "next"), refresh.Rotated)
		}
	}
}

// Microseconds of far years are more than Lua's numbers can tell apart.
func TestRefreshFarTimes(t *testing.T) {
	t.Parallel()
	store := newRefresh(t, redisstore.RefreshConfig{Client: startServer(t, redisServer).client(t), Timeout: long})
	for i, started := range []time.Time{
		{}, time.Unix(-1, 0), time.Date(9998, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 1000, time.UTC),
	} {
		id := fmt.Sprint(i)
		f := refresh.Family{ID: id, UserID: id, Started: started, Expires: started.Add(time.Hour + time.Microsecond), Current: digest("0")}
		require.NoError(t, store.Start(t.Context(), f))
		r := rotation(id, "0", "1")
		r.Issuer, r.Now, r.Expires = "", started.Add(time.Hour), started.Add(2*time.Hour+time.Microsecond)
		if started.IsZero() {
			r.Now = r.Now.Add(time.Microsecond / 2) // is the same microsecond
		}
		rotate(t, store, r, refresh.Rotated, started)
		r.Now = r.Now.Add(grace)
		rotate(t, store, r, refresh.Repeated, started)

		require.NoError(t, store.EndUser(t.Context(), "", id, laterThanZero(started).Add(-time.Microsecond)))
		if !started.IsZero() { // before which there is nothing
			rotate(t, store, r, refresh.Repeated, started)
		}
		late := r
		late.Now = r.Now.Add(time.Microsecond)
		if !started.IsZero() {
			rotate(t, store, late, refresh.Reused, started)
		}
	}
	f := family("for ever")
	f.Expires = time.Unix(1<<60, 0)
	require.NoError(t, store.Start(t.Context(), f))
	r := rotation(f.ID, "0", "1")
	r.Expires = f.Expires
	rotate(t, store, r, refresh.Rotated)
	f.ID, f.Started = "of the end of time", time.Unix(1<<60, 0)
	require.NoError(t, store.Start(t.Context(), f))
	f.ID, f.Started = "of its beginning", time.Unix(-1<<60, 0)
	require.NoError(t, store.Start(t.Context(), f))
	rotate(t, store, rotation("for ever", "1", "2"), refresh.Rotated)
}

func laterThanZero(t time.Time) time.Time {
	if t.IsZero() {
		return t.Add(2 * time.Microsecond)
	}
	return t
}

// What is over for more than an hour goes, a hundred with each that starts, and nothing else does.
func TestRefreshForgets(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
	for i := range 250 {
		require.NoError(t, store.Start(t.Context(), family(fmt.Sprint("over ", i))))
	}
	require.NoError(t, store.Start(t.Context(), family("rotated")))
	rotate(t, store, rotation("rotated", "0", "1"), refresh.Rotated)
	for i, want := range []int64{251 + 1, 251 + 2 - 100, 251 + 3 - 200, 1 + 4, 1 + 5} {
		f := family(fmt.Sprint("new ", i))
		f.Started = noon.Add(2 * time.Hour).Add(time.Duration(i) * time.Microsecond) // the first leaves them an hour
		f.Expires = f.Started.Add(time.Hour)
		require.NoError(t, store.Start(t.Context(), f))
		sizes := []int64{
			client.HLen(t.Context(), "{boltauthgen:refresh}:logins").Val(),
			client.ZCard(t.Context(), "{boltauthgen:refresh}:users").Val(),
			client.ZCard(t.Context(), "{boltauthgen:refresh}:expiries").Val(),
		}
		require.Equal(t, []int64{want, want, want}, sizes, i)
	}
	rotate(t, store, rotation("rotated", "1", "2"), refresh.Rotated)
	require.NoError(t, store.EndUser(t.Context(), issuer, "7", noon.AddDate(0, 0, 1)))
	require.Zero(t, client.DBSize(t.Context()).Val(), "nothing is left of what has ended")
}

const familiesKey = "{boltauthgen:refresh}:logins"

// What nobody has written there is an error for whoever asks, which does not tell it.
func TestRefreshGarbage(t *testing.T) { // HOSTILE 63
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
	start := func(id, user string) (name, text string) {
		t.Helper()
		before := client.HGetAll(t.Context(), familiesKey).Val()
		f := family(id)
		f.UserID = user
		require.NoError(t, store.Start(t.Context(), f))
		rotate(t, store, rotation(id, "0", "1"), refresh.Rotated)
		for name, text := range client.HGetAll(t.Context(), familiesKey).Val() {
			if before[name] == "" {
				return name, text
			}
		}
		require.Fail(t, "nothing was written")
		return "", ""
	}
	name, good := start("it", "7")
	_, another := start("another", "8")
	require.Len(t, good, 104+32+32+20+len("sealed 1"))
	letters := strings.Repeat("secret", 4)
	set := func(about, bad string) {
		t.Helper()
		require.NoError(t, client.HSet(t.Context(), familiesKey, name, bad).Err())
		for _, from := range []string{"0", "1", "2"} {
			result, err := store.Rotate(t.Context(), rotation("it", from, "3"))
			require.EqualError(t, err, "rotate family: the server has an entry that this store has not written", about)
			require.Zero(t, result)
		}
		require.Equal(t, bad, client.HGet(t.Context(), familiesKey, name).Val(), "it is not touched")
	}
	for about, bad := range map[string]string{
		"half a digest": good[:120], "half of what was replaced": good[:150], "no instant of rotation": good[:168],
		"half an instant": good[:187], "letters in the instant": good[:168] + letters[:20] + good[188:],
		"without a current token": good[:104],
	} {
		set(about, bad)
	}
	for about, bad := range map[string]string{
		"empty": "", "short": good[:103], "letters in Expires": letters[:20] + good[20:],
		"letters in Started": good[:52] + letters[:20] + good[72:], "a sign": "-" + good[1:], "a space": " " + good[1:],
		"of another family": another, "shifted": "0" + good, "cut at the beginning": good[1:],
	} {
		set(about, bad)
		require.ErrorContains(t, store.End(t.Context(), issuer, "it"), "end family: the server has an entry", about)
		require.ErrorContains(t, store.EndUser(t.Context(), issuer, "7", noon), "end user: the server has an entry", about)
		require.Equal(t, bad, client.HGet(t.Context(), familiesKey, name).Val(), "it is not touched")
	}
	rotate(t, store, rotation("another", "1", "2"), refresh.Rotated)
	require.NoError(t, client.HSet(t.Context(), familiesKey, name, good).Err())
	rotate(t, store, rotation("it", "1", "2"), refresh.Rotated)

	keys := []string{familiesKey, "{boltauthgen:refresh}:users", "{boltauthgen:refresh}:expiries"}
	saved := map[string]string{}
	for _, key := range keys {
		saved[key] = client.Dump(t.Context(), key).Val()
	}
	for _, key := range keys {
		require.NoError(t, client.Set(t.Context(), key, "1", 0).Err())
		require.ErrorContains(t, store.Start(t.Context(), family("new")), "WRONGTYPE", key)
		require.ErrorContains(t, store.EndUser(t.Context(), issuer, "7", noon), "WRONGTYPE", key)
		for _, key := range keys {
			require.NoError(t, client.RestoreReplace(t.Context(), key, 0, saved[key]).Err())
		}
		rotate(t, store, rotation("new", "0", "1"), refresh.Unknown, "it was not started")
	}
	rotate(t, store, rotation("it", "2", "3"), refresh.Rotated)
}

// If the part is lost that finds a user's families, ending them is an error, since nobody knows which there are.
func TestRefreshPartLost(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
	for _, key := range []string{"{boltauthgen:refresh}:users", familiesKey} {
		require.NoError(t, store.Start(t.Context(), family("it")))
		require.NoError(t, client.Del(t.Context(), key).Err())
		require.ErrorContains(t, store.EndUser(t.Context(), issuer, "7", noon), "lost a part", key)
		require.ErrorContains(t, store.EndUser(t.Context(), issuer, "8", noon), "lost a part", key)
		require.NoError(t, client.Del(t.Context(), "{boltauthgen:refresh}:users", familiesKey, "{boltauthgen:refresh}:expiries").Err())
		require.NoError(t, store.EndUser(t.Context(), issuer, "7", noon))
	}
}
