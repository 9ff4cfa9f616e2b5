package revocationtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// callers call at the same time, in each of some rounds.
const (
	callers = 8
	rounds  = 10
)

// together calls f for each of the callers, as much at the same time as can be.
// Half of them have the one handle, half of them the other.
func (s subject) together(f func(i int, own handle)) {
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range callers {
		group.Go(func() {
			<-gate
			f(i, s.handles()[i%2])
		})
	}
	close(gate)
	group.Wait()
}

// testConcurrent revokes what is different and what is the same. Each caller must
// see what it has revoked, and in the end all must be there.
func testConcurrent(t *testing.T, s subject) {
	parts := s.parts()
	for round := range rounds {
		same := s.token(fmt.Sprint("same ", round))
		same.UserID += fmt.Sprint(round)
		mine := func(i int) string { return fmt.Sprint(s.name, round, " ", i) }
		s.together(func(i int, own handle) {
			part := parts[i%3]
			assert.NoError(t, part.revoke(t.Context(), own, issuer, mine(i)), "%s must not fail because %d goroutines revoke at the same time", part.method, callers)
			revoked, err := own.Revoked(t.Context(), part.token(issuer, mine(i)))
			assert.NoError(t, err, "Revoked must not fail because %d goroutines revoke at the same time", callers)
			if err == nil && !revoked {
				assert.Fail(t, own.name+" says that a token is not revoked, which it is", "Revoked: a goroutine must see what it has revoked by %s a moment before, while %d others revoke", part.method, callers-1)
			}
			assert.NoError(t, own.Revoke(t.Context(), same), "Revoke must not fail because %d goroutines revoke the same token at the same time", callers)
		})
		if t.Failed() {
			return
		}
		const promise = "Revoked: each of %d goroutines has revoked a %s at the same time, and all were acknowledged: this is that of goroutine %d, in round %d of %d"
		for i := range callers {
			s.expect(t, true, parts[i%3].token(issuer, mine(i)), promise, callers, parts[i%3].name, i, round+1, rounds)
		}
		s.expect(t, true, same, "Revoked: %d goroutines have revoked this token at the same time, and all were acknowledged, in round %d of %d", callers, round+1, rounds)
	}
}

// testConcurrentInstants revokes a user as of different instants, the last of
// which must remain, whatever the order.
func testConcurrentInstants(t *testing.T, s subject) {
	for round := range 2 * rounds {
		token := s.token("")
		token.UserID += fmt.Sprint(round)
		s.together(func(i int, own handle) {
			at := s.now.Add(time.Duration((i+round)%callers) * time.Second)
			assert.NoError(t, own.RevokeUser(t.Context(), issuer, token.UserID, at), "RevokeUser must not fail because %d goroutines revoke the same user at the same time", callers)
		})
		last := s.now.Add((callers - 1) * time.Second)
		const promise = "RevokeUser: of the instants that %d goroutines gave at the same time the last one counts, whatever the order: this token was issued %s, in round %d of %d"
		if t.Failed() {
			return
		}
		token.IssuedAt = last
		s.expect(t, true, token, promise, callers, "at that instant", round+1, 2*rounds)
		token.IssuedAt = last.Add(time.Microsecond)
		s.expect(t, false, token, promise, callers, "a microsecond after it", round+1, 2*rounds)
	}
}
