package session_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

type cart struct {
	Items []string  `json:"items"`
	Since time.Time `json:"since"`
}

var (
	cartKey = session.NewKey[cart]("cart")
	noteKey = session.NewKey[*string]("note")
	textKey = session.NewKey[string]("text")
	wrong   = session.NewKey[int]("cart")
)

func TestValues(t *testing.T) {
	s := newSite(t, nil)
	id := s.logIn(t, "alice", session.Options{})
	open := func() *session.Session {
		t.Helper()
		opened, err := s.backend.Session(s.request(t, id))
		require.NoError(t, err)
		return opened
	}
	opened := open()
	got, err := cartKey.Get(opened)
	require.NoError(t, err)
	assert.Zero(t, got)
	require.NoError(t, opened.Save(t.Context()))
	cartKey.Delete(opened)
	require.NoError(t, opened.Save(t.Context()))
	assert.Zero(t, s.store.count("Update"), "there was nothing to save")

	want := cart{Items: []string{"<a>", "ü\u2028"}, Since: time.Unix(1, 5).UTC()}
	require.NoError(t, cartKey.Set(opened, want))
	want.Items[0] = "changed later"
	got, err = cartKey.Get(opened)
	require.NoError(t, err)
	assert.Equal(t, "<a>", got.Items[0], "it is as it was when it was set")
	again, err := cartKey.Get(open())
	require.NoError(t, err)
	assert.Zero(t, again, "nothing is kept before Save")
	require.NoError(t, opened.Save(t.Context()))
	require.NoError(t, opened.Save(t.Context()))
	assert.Equal(t, 1, s.store.count("Update"))
	again, err = cartKey.Get(open())
	require.NoError(t, err)
	assert.Equal(t, got, again)

	t.Run("several keys, saved several times", func(t *testing.T) {
		require.NoError(t, textKey.Set(opened, "text"))
		require.NoError(t, opened.Save(t.Context()))
		require.NoError(t, noteKey.Set(opened, nil))
		require.NoError(t, opened.Save(t.Context()))
		now := open()
		text, err := textKey.Get(now)
		require.NoError(t, err)
		assert.Equal(t, "text", text)
		note, err := noteKey.Get(now)
		require.NoError(t, err)
		assert.Nil(t, note)
		require.NoError(t, textKey.Set(now, "another"))
		require.NoError(t, now.Save(t.Context()), "a value of null is no trouble")
		cartKey.Delete(now)
		require.NoError(t, now.Save(t.Context()))
		gone, err := cartKey.Get(open())
		require.NoError(t, err)
		assert.Zero(t, gone)
	})
	t.Run("not of this type", func(t *testing.T) {
		opened := open()
		require.NoError(t, cartKey.Set(opened, cart{Items: []string{"a secret"}}))
		value, err := wrong.Get(opened)
		require.Error(t, err)
		assert.Zero(t, value)
		assert.Contains(t, err.Error(), `"cart"`)
		assert.NotContains(t, err.Error(), "secret")
		_, err = session.NewKey[struct{ Items []int }]("cart").Get(opened)
		require.Error(t, err)
		partly, err := session.NewKey[struct {
			Since string
			Items []int
		}]("cart").Get(opened)
		require.Error(t, err)
		assert.Zero(t, partly, "nothing that was decoded before the error")
	})
	t.Run("what JSON does not hold", func(t *testing.T) {
		opened := open()
		require.Error(t, session.NewKey[float64]("x").Set(opened, math.NaN()))
		require.Error(t, session.NewKey[chan int]("x").Set(opened, nil))
		err := session.NewKey[guarded]("x").Set(opened, "a secret")
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "secret")
		require.NoError(t, opened.Save(t.Context()), "nothing has changed")
	})
	t.Run("too large", func(t *testing.T) {
		opened := open()
		require.ErrorIs(t, textKey.Set(opened, strings.Repeat("x", session.MaxData)), session.ErrTooLarge)
		require.NoError(t, opened.Save(t.Context()))
		for i := range 4 {
			require.NoError(t, session.NewKey[string](strconv.Itoa(i)).Set(opened, strings.Repeat("x", session.MaxData/4)))
		}
		require.ErrorIs(t, opened.Save(t.Context()), session.ErrTooLarge)
		session.NewKey[string]("0").Delete(opened)
		require.NoError(t, opened.Save(t.Context()))
	})
	t.Run("sessions that were not opened", func(t *testing.T) {
		for _, none := range []*session.Session{nil, {}} {
			value, err := textKey.Get(none)
			require.NoError(t, err)
			assert.Empty(t, value)
			require.Error(t, textKey.Set(none, "x"))
			textKey.Delete(none)
			require.Error(t, none.Save(t.Context()))
		}
		require.Error(t, session.Key[string]{}.Set(open(), "x"))
		assert.Panics(t, func() { session.NewKey[string]("") })
	})
}

type guarded string

func (s guarded) MarshalJSON() ([]byte, error) { return nil, errors.New("cannot encode " + string(s)) }

// Data that is no JSON object has not been written by a Session.
func TestDataOfAnotherKind(t *testing.T) {
	for _, data := range []string{"x", "null", "[]", `"x"`, "1", `{"a":`, `{"a":1}{`} {
		s := newSite(t, nil)
		b := s.browser(t)
		id := b.logIn("alice")
		records, err := s.store.Store.List(t.Context(), "alice")
		require.NoError(t, err)
		records[0].Data = []byte(data)
		require.NoError(t, s.store.Store.Update(t.Context(), records[0], s.Now()))
		_, err = s.backend.Session(s.request(t, id))
		require.Error(t, err, data)
		b.expect("alice", "who is logged in all the same")
		require.Equal(t, 200, b.post("/renew").status)
		require.Equal(t, 200, b.post("/logout").status)
	}
}

// A lost update is told to the one who would have lost the other's.
func TestConflictingSaves(t *testing.T) {
	s := newSite(t, nil)
	id := s.logIn(t, "alice", session.Options{})
	open := func() *session.Session {
		opened, err := s.backend.Session(s.request(t, id))
		require.NoError(t, err)
		return opened
	}
	first, second := open(), open()
	require.NoError(t, textKey.Set(first, "first"))
	require.NoError(t, first.Save(t.Context()))
	require.NoError(t, visits.Set(second, 1))
	err := second.Save(t.Context())
	require.ErrorIs(t, err, session.ErrConflict)
	var answer *runtime.Error
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, http.StatusConflict, answer.Status)
	require.ErrorIs(t, second.Save(t.Context()), session.ErrConflict, "nor the second time")
	text, err := textKey.Get(open())
	require.NoError(t, err)
	assert.Equal(t, "first", text)

	s.advance(10 * time.Minute)
	third := open() // by a request that is written as a use
	require.Equal(t, 1, s.store.count("Touch"))
	require.NoError(t, textKey.Set(first, "first again"))
	require.NoError(t, first.Save(t.Context()), "uses of the session are no conflict")
	require.NoError(t, textKey.Set(third, "third"))
	require.ErrorIs(t, third.Save(t.Context()), session.ErrConflict)

	s.store.fail(assert.AnError, "Update")
	require.NoError(t, textKey.Set(first, "more"))
	require.ErrorIs(t, first.Save(t.Context()), runtime.ErrUnavailable)
	s.store.fail(nil, "Update")
	require.NoError(t, first.Save(t.Context()), "what failed is still to be saved")
	text, err = textKey.Get(open())
	require.NoError(t, err)
	assert.Equal(t, "more", text)
}

// Over HTTP: as many visits are counted as were said to be.
func TestNoUpdateIsLost(t *testing.T) {
	s := newSite(t, nil)
	b := s.browser(t)
	b.logIn("alice")
	var mu sync.Mutex
	var group sync.WaitGroup
	statuses := map[int]int{}
	for range 30 {
		group.Go(func() {
			status := b.post("/count").status
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	group.Wait()
	assert.Equal(t, 30, statuses[200]+statuses[409])
	assert.Len(t, b.post("/count").body, statuses[200]+1)
}

func TestSavedDataIsJSON(t *testing.T) {
	s := newSite(t, nil)
	opened, err := s.backend.Session(s.request(t, s.logIn(t, "alice", session.Options{})))
	require.NoError(t, err)
	require.NoError(t, errors.Join(textKey.Set(opened, "x"), visits.Set(opened, 3), opened.Save(t.Context())))
	records, err := s.store.Store.List(t.Context(), "alice")
	require.NoError(t, err)
	r, err := s.store.Store.Load(t.Context(), records[0].ID)
	require.NoError(t, err)
	assert.True(t, json.Valid(r.Data))
	assert.JSONEq(t, `{"text":"x","visits":3}`, string(r.Data))
}
