package jwtauth

import (
	"crypto/hmac"
	"fmt"
	"hash"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// A KeySet holds the keys that a backend trusts. [ParsePEM] makes one. A KeySet
// is safe for concurrent use and may serve several backends.
type KeySet interface {
	// verifiers returns what verifies tokens with these values of the header
	// fields alg and kid; kid is empty if the token has none. It returns nothing
	// for an algorithm that no key fits, and never more than maxTried.
	verifiers(alg, kid string) []verifier
}

// maxTried is how many keys a token without a decisive kid is tried with.
const maxTried = 8

// A verifier is a key together with one algorithm that it fits.
type verifier struct {
	method jwt.SigningMethod
	key    any        // what method takes
	macs   *sync.Pool // of *mac if the method is HMAC, else nil
}

// A mac computes message authentication codes with the key of its verifier.
type mac struct {
	hash hash.Hash
	sum  []byte
}

// newVerifier returns the verifier for a key that fits the algorithm.
//
// golang-jwt sets up HMAC anew for each token, which costs more than the code
// itself. crypto/hmac remembers a key that it has worked with, so its states
// are kept here.
func newVerifier(a *algorithm, key any) verifier {
	v := verifier{method: a.method, key: key}
	if method, ok := a.method.(*jwt.SigningMethodHMAC); ok {
		secret := key.([]byte)
		v.macs = &sync.Pool{New: func() any { return &mac{hash: hmac.New(method.Hash.New, secret)} }}
	}
	return v
}

// holds reports whether the signature is that of the text, which is passed in
// both forms because the methods want one or the other.
func (v *verifier) holds(text string, raw, signature []byte) bool {
	if v.macs == nil {
		return v.method.Verify(text, signature, v.key) == nil
	}
	m := v.macs.Get().(*mac)
	defer v.macs.Put(m)
	m.hash.Reset()
	m.hash.Write(raw)
	m.sum = m.hash.Sum(m.sum[:0])
	return hmac.Equal(m.sum, signature)
}

// staticKeys are keys from the configuration. They have no kid, so the token's
// says nothing about them.
type staticKeys map[string][]verifier // by algorithm

func (s staticKeys) verifiers(alg, _ string) []verifier { return s[alg] }

// newStaticKeys returns the set of the keys. An error names the index of the
// key that is wrong.
func newStaticKeys(keys ...any) (staticKeys, error) {
	set := make(staticKeys)
	for i, key := range keys {
		fits := false
		for _, a := range algorithms {
			if a.fits(key) {
				set[a.name] = append(set[a.name], newVerifier(a, key))
				fits = true
			}
		}
		if !fits {
			return nil, fmt.Errorf("key %d: no algorithm for keys of type %T", i, key)
		}
	}
	for name, verifiers := range set {
		if len(verifiers) > maxTried {
			return nil, fmt.Errorf("%d keys for %s, and a token would be tried with each: at most %d", len(verifiers), name, maxTried)
		}
	}
	return set, nil
}
