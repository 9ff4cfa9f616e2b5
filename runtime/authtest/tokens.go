package authtest

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// Issuer is the claim iss of the tokens that [Tokens] issues.
const Issuer = "https://issuer.test"

// Tokens issues tokens by a clock that the test moves, with keys that it rotates. It is safe for concurrent use.
type Tokens struct {
	t      testing.TB
	ring   *jwtauth.KeyRing
	issuer *jwtauth.Issuer

	mu  sync.Mutex
	now time.Time // guarded by mu
}

// NewTokens returns tokens with one ES256 key. The clock shows the present, in whole seconds, and stands still.
func NewTokens(t testing.TB) *Tokens {
	t.Helper()
	k := &Tokens{t: t, now: time.Now().Truncate(time.Second)}
	var err error
	if k.ring, err = jwtauth.NewKeyRing(k.newKey()); err != nil {
		t.Fatalf("authtest: %v", err)
	}
	if k.issuer, err = jwtauth.NewIssuer(jwtauth.IssuerConfig{Keys: k.ring, Issuer: Issuer, Now: k.Now}); err != nil {
		t.Fatalf("authtest: %v", err)
	}
	return k
}

func (k *Tokens) newKey() jwtauth.SigningKey {
	k.t.Helper()
	key, err := jwtauth.GenerateKey("ES256")
	if err != nil {
		k.t.Fatalf("authtest: %v", err)
	}
	return key
}

// Config returns the configuration of a backend that accepts the tokens, to be completed by the test.
func (k *Tokens) Config() jwtauth.Config {
	return jwtauth.Config{Keys: k.ring, Algorithms: []string{"ES256"}, Issuer: Issuer, Now: k.Now}
}

// Issuer returns the issuer itself, for a [jwtauth.PairIssuer], say.
func (k *Tokens) Issuer() *jwtauth.Issuer { return k.issuer }

// Token returns a token. It fails the test if the user or the options are not those of one.
func (k *Tokens) Token(user jwtauth.User, options jwtauth.TokenOptions) string {
	k.t.Helper()
	token, err := k.issuer.Token(user, options)
	if err != nil {
		k.t.Fatalf("authtest: %v", err)
	}
	return token
}

// Authorize adds a token of the user to a request, with these permissions.
func (k *Tokens) Authorize(r *http.Request, user jwtauth.User, permissions ...string) {
	k.t.Helper()
	options := jwtauth.TokenOptions{AuthTime: k.Now(), Claims: map[string]any{"permissions": append([]string{}, permissions...)}}
	r.Header.Set("Authorization", "Bearer "+k.Token(user, options))
}

// Now returns what the clock shows.
func (k *Tokens) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

// Advance moves the clock, backwards if d is negative.
func (k *Tokens) Advance(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
}

// Rotate adds a key that signs from now on. The others still verify.
func (k *Tokens) Rotate() {
	k.t.Helper()
	if err := k.ring.Add(k.newKey()); err != nil {
		k.t.Fatalf("authtest: %v", err)
	}
}

// Retire removes all keys but the one that was added last: what they signed is not accepted any more.
func (k *Tokens) Retire() {
	k.t.Helper()
	ids := k.ring.IDs()
	for _, id := range ids[:len(ids)-1] {
		if err := k.ring.Remove(id); err != nil {
			k.t.Fatalf("authtest: %v", err)
		}
	}
}
