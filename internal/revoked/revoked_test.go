package revoked

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A scriptedKnower answers from memory, or not at all.
type scriptedKnower struct {
	revocation.Store
	revoked, known bool
	asked          int
}

func (k *scriptedKnower) Known(time.Time, revocation.Token) (revoked, known bool) {
	return k.revoked, k.known
}

func (k *scriptedKnower) Revoked(context.Context, revocation.Token) (bool, error) {
	k.asked++
	return true, nil
}

// A store that knows the answer is not asked as one that may wait; one that does not know it is.
func TestStoreThatKnows(t *testing.T) {
	for _, test := range []struct {
		revoked, known bool
		want           error
		asked          int
	}{
		{false, true, nil, 0},
		{true, true, ErrRevoked, 0},
		{false, false, ErrRevoked, 1},
		{true, false, ErrRevoked, 1},
	} {
		k := &scriptedKnower{revoked: test.revoked, known: test.known}
		a := &Asker{store: k, known: k.Known}
		assert.Equal(t, test.want, a.Check(t.Context(), revocation.Token{ID: "1"}))
		assert.Equal(t, test.asked, k.asked)
	}
}

// Who embeds a store of ours has a method Known that does not know of their own Revoked.
func TestStoreThatEmbedsOneIsAsked(t *testing.T) {
	a, err := NewAsker(&struct{ *scriptedKnower }{&scriptedKnower{known: true}})
	require.NoError(t, err)
	assert.Equal(t, ErrRevoked, a.Check(t.Context(), revocation.Token{ID: "1"}))
	a, err = NewAsker(revocation.NewMemory())
	require.NoError(t, err)
	assert.NotNil(t, a.known)
	a, err = NewAsker(new(revocation.Fleet))
	require.NoError(t, err)
	assert.ErrorIs(t, a.Check(t.Context(), revocation.Token{ID: "1"}), runtime.ErrUnavailable, "one that was not made")
}

func TestNoStore(t *testing.T) {
	a, err := NewAsker(nil)
	require.NoError(t, err)
	assert.Nil(t, a)
	assert.NoError(t, a.Check(t.Context(), revocation.Token{ID: "1"}), "nobody revokes anything")
	_, err = NewAsker((*revocation.Memory)(nil)) // HOSTILE 124
	assert.Error(t, err)
}

func TestSame(t *testing.T) {
	asker := func(store revocation.Store) *Asker {
		a, err := NewAsker(store)
		require.NoError(t, err)
		return a
	}
	one, two := revocation.NewMemory(), revocation.NewMemory()
	assert.True(t, asker(one).Same(asker(one)))
	assert.False(t, asker(one).Same(asker(two)))
	assert.False(t, asker(one).Same(nil))
	assert.True(t, (*Asker)(nil).Same(nil))
	assert.False(t, asker(incomparable{one, nil}).Same(asker(incomparable{one, nil})), "nobody can tell")
}

type incomparable struct {
	revocation.Store
	_ []int
}
