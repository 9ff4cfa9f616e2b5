package revocationtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// callers call at the same time, in each of some rounds.
const (
	callers = 8
	rounds  = 10
)

// together calls f for each of the callers, as much at the same time as can be.
// Half of them have the one handle, half of them the other.
func (s subject) together(f func(i int, own revocation.Store)) {
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range callers {
		own := s.Store
		if i%2 == 1 {
			own = s.other
		}
		group.Go(func() {
			<-gate
			f(i, own)
		})
	}
	close(gate)
	group.Wait()
}

// testConcurrent revokes what is different and what is the same. Each caller must
// see what it has revoked, and in the end all must be there.
func testConcurrent(t *testing.T, s subject) {
	for round := range rounds {
		same := s.token(fmt.Sprint("same ", round))
		same.UserID += fmt.Sprint(round)
		mine := func(i int) revocation.Token {
			token := s.token(fmt.Sprint(round, " ", i))
			token.UserID += fmt.Sprint(round, " ", i)
			return token
		}
		s.together(func(i int, own revocation.Store) {
			token := mine(i)
			switch i % 3 {
			case 0:
				assert.NoError(t, own.Revoke(t.Context(), token))
			case 1:
				assert.NoError(t, own.RevokeUser(t.Context(), issuer, token.UserID, s.now))
			case 2:
				assert.NoError(t, own.RevokeFamily(t.Context(), issuer, token.Family, token.Expires))
			}
			revoked, err := own.Revoked(t.Context(), token)
			assert.NoError(t, err)
			assert.True(t, revoked, "a moment after it was acknowledged")
			assert.NoError(t, own.Revoke(t.Context(), same))
		})
		for i := range callers {
			s.expect(t, true, mine(i), "round %d, caller %d", round, i)
		}
		s.expect(t, true, same, "round %d", round)
	}
}

// testConcurrentInstants revokes a user as of different instants, the last of
// which must remain, whatever the order.
func testConcurrentInstants(t *testing.T, s subject) {
	for round := range 2 * rounds {
		token := s.token("")
		token.UserID += fmt.Sprint(round)
		s.together(func(i int, own revocation.Store) {
			at := s.now.Add(time.Duration((i+round)%callers) * time.Second)
			assert.NoError(t, own.RevokeUser(t.Context(), issuer, token.UserID, at))
		})
		last := s.now.Add((callers - 1) * time.Second)
		token.IssuedAt = last
		s.expect(t, true, token, "round %d", round)
		token.IssuedAt = last.Add(time.Microsecond)
		s.expect(t, false, token, "round %d", round)
		require.False(t, t.Failed())
	}
}
