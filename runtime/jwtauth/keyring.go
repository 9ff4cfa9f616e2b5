package jwtauth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// A SigningKey is a key of an issuer.
type SigningKey struct {
	// ID is the value of kid in the tokens that the key signs: at most 255 bytes of
	// UTF-8 without control characters. Empty: the thumbprint of the public key
	// (RFC 7638). With a Secret it is required.
	ID string

	// Algorithm is the value of alg; required.
	Algorithm string

	// PrivateKey is an *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey. Nil
	// if there is a Secret.
	PrivateKey crypto.Signer

	// Secret is a key of HMAC, under the rules of [Config]. It is never published.
	Secret []byte

	// SignsFrom is when the key begins to sign; from the start on it verifies, and is
	// published. A key that is to follow another should be published for longer
	// than verifiers take to fetch it. Zero: at once.
	SignsFrom time.Time
}

// GenerateKey returns a new random key for an algorithm: RSA keys have 3072
// bits, secrets at least 64 bytes.
func GenerateKey(algorithm string) (SigningKey, error) {
	a := algorithmByName(algorithm)
	if a == nil {
		return SigningKey{}, fmt.Errorf("jwtauth.GenerateKey: %q is not supported", algorithm)
	}
	if a.symmetric() {
		// Text, so that no byte looks like white space around the secret.
		return SigningKey{ID: rand.Text(), Algorithm: algorithm, Secret: []byte(rand.Text() + rand.Text() + rand.Text())}, nil
	}
	private, err := generatePrivate(algorithm)
	if err != nil {
		return SigningKey{}, fmt.Errorf("jwtauth.GenerateKey: %w", err)
	}
	return SigningKey{Algorithm: algorithm, PrivateKey: private}, nil
}

func generatePrivate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return rsa.GenerateKey(rand.Reader, 3072)
}

// A KeyRing holds the keys of an issuer: the newest signs, all of them verify,
// and a JWK set of their public halves is there to be published. It is a
// [KeySet], so that a [Backend] can accept what an [Issuer] with the same ring
// issues. It is safe for concurrent use, and changes are seen at once.
//
// To rotate keys, add the next one with a SignsFrom some time ahead, and remove
// the last one when the tokens that it signed have expired.
type KeyRing struct {
	mu    sync.Mutex // held while it is changed
	state atomic.Pointer[ringState]
}

// A ringState does not change.
type ringState struct {
	list     []ringKey // in the order in which they were added
	keys     *keys
	document document
}

// A ringKey signs, and verifies what it signed.
type ringKey struct {
	signer
	from time.Time
	key  Key
}

// NewKeyRing returns a ring with these keys, of which there must be one at
// least. An error names the index of the key that is wrong, and holds nothing of
// it.
func NewKeyRing(list ...SigningKey) (*KeyRing, error) {
	if len(list) == 0 {
		return nil, errors.New("jwtauth.NewKeyRing: no key")
	}
	r := new(KeyRing)
	r.state.Store(new(ringState))
	for i, key := range list {
		if err := r.add(key); err != nil {
			return nil, fmt.Errorf("jwtauth.NewKeyRing: key %d: %w", i, err)
		}
	}
	return r, nil
}

// Add adds a key.
func (r *KeyRing) Add(key SigningKey) error {
	if err := r.add(key); err != nil {
		return fmt.Errorf("add key: %w", err)
	}
	return nil
}

func (r *KeyRing) add(key SigningKey) error {
	added, err := key.resolve()
	if err != nil {
		return err
	}
	if r.load() == nil {
		return errNoRing
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.load()
	if slices.ContainsFunc(state.list, func(k ringKey) bool { return k.id == added.id }) {
		return wrong("ID", "%q is in the ring already", added.id)
	}
	return r.replace(append(slices.Clone(state.list), added))
}

// Remove removes a key: what it signed is not accepted any more. It is an error
// if there is no such key, or no other.
func (r *KeyRing) Remove(id string) error {
	if r.load() == nil {
		return errNoRing
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	state := r.load()
	left := slices.DeleteFunc(slices.Clone(state.list), func(k ringKey) bool { return k.id == id })
	switch len(left) {
	case len(state.list):
		return fmt.Errorf("remove key: %q is not in the ring", id)
	case 0:
		return fmt.Errorf("remove key: %q is the only one in the ring", id)
	}
	return r.replace(left)
}

// IDs returns the ids of the keys, in the order in which they were added.
func (r *KeyRing) IDs() []string {
	var ids []string
	if state := r.load(); state != nil {
		for _, k := range state.list {
			ids = append(ids, k.id)
		}
	}
	return ids
}

var errNoRing = errors.New("jwtauth: the key ring was not made by NewKeyRing")

// load returns nil for a ring that was not made by NewKeyRing.
func (r *KeyRing) load() *ringState {
	if r == nil {
		return nil
	}
	return r.state.Load()
}

func (r *KeyRing) replace(list []ringKey) error {
	state := &ringState{list: list, keys: newKeys()}
	for _, k := range list {
		if err := state.keys.add(k.key); err != nil {
			return err
		}
	}
	var err error
	if state.document, err = newDocument(list); err != nil {
		return err
	}
	r.state.Store(state)
	return nil
}

// resolve returns the key with its id, or an error that names the field that is
// wrong.
func (k SigningKey) resolve() (ringKey, error) {
	one, err := newSigner(k.Algorithm, k.Secret, k.PrivateKey)
	if err != nil {
		return ringKey{}, err
	}
	if k.ID == "" {
		if k.PrivateKey == nil {
			return ringKey{}, wrong("ID", "empty: a secret needs one")
		}
		k.ID = thumbprint(k.PrivateKey.Public())
	}
	one.id = k.ID // which is checked together with the verifying key
	return ringKey{signer: one, from: k.SignsFrom, key: one.verifyingKey()}, nil
}

func (r *KeyRing) current() (*keys, error) {
	if state := r.load(); state != nil {
		return state.keys, nil
	}
	return nil, errNoRing
}

func (r *KeyRing) newer(context.Context, *keys) *keys { return nil }

var errNoSigner = errors.New("no key of the ring signs yet")

// signer returns the key that began to sign last, and of several the one that
// was added last.
func (r *KeyRing) signer(now time.Time) (signer, error) {
	state := r.load()
	if state == nil {
		return signer{}, errNoRing
	}
	newest := -1
	for i, k := range state.list {
		if !k.from.After(now) && (newest < 0 || !k.from.Before(state.list[newest].from)) {
			newest = i
		}
	}
	if newest < 0 {
		return signer{}, errNoSigner
	}
	return state.list[newest].signer, nil
}

// A signer is a key together with the algorithm that it signs with.
type signer struct {
	id        string // kid; empty: none
	algorithm *algorithm
	key       any // what golang-jwt takes
}

// newSigner returns a signer without an id, or an error that names the setting
// that is wrong. It makes no copy of a private key.
func newSigner(algorithm string, secret []byte, private crypto.Signer) (signer, error) {
	a := algorithmByName(algorithm)
	switch {
	case algorithm == "":
		return signer{}, wrong("Algorithm", "empty")
	case a == nil:
		return signer{}, wrong("Algorithm", "%q is not supported", algorithm)
	case secret != nil && private != nil:
		return signer{}, wrong("Secret", "set beside PrivateKey")
	case a.symmetric() && private != nil:
		return signer{}, wrong("Algorithm", "%s needs a Secret, not a PrivateKey", algorithm)
	case a.symmetric():
		return signer{algorithm: a, key: slices.Clone(secret)}, named("Secret", checkSecret(secret))
	case private == nil:
		return signer{}, wrong("Algorithm", "%s needs a PrivateKey", algorithm)
	case nilable.IsNil(private):
		return signer{}, wrong("PrivateKey", "nil")
	}
	return signer{algorithm: a, key: private}, named("PrivateKey", checkPrivate(a, private))
}

func checkPrivate(a *algorithm, key crypto.Signer) error {
	if key, ok := key.(ed25519.PrivateKey); ok && len(key) != ed25519.PrivateKeySize {
		return errors.New("an Ed25519 key of the wrong size")
	}
	public := key.Public()
	if !a.fits(public) {
		return fmt.Errorf("%T does not fit %s", key, a.name)
	}
	if err := checkPublic(public); err != nil {
		return err
	}
	signature, err := a.method.Sign("", key) // golang-jwt takes certain types only
	if err != nil {
		return err
	}
	if a.method.Verify("", signature, public) != nil {
		return errors.New("its public half is that of another key")
	}
	return nil
}

// verifyingKey returns what verifies what the signer signs.
func (s signer) verifyingKey() Key {
	key := Key{ID: s.id, Algorithm: s.algorithm.name}
	if secret, ok := s.key.([]byte); ok {
		key.Secret = secret
	} else {
		key.Public = s.key.(crypto.Signer).Public()
	}
	return key
}

// sign returns a token with these claims. The value of typ is "JWT" if it is
// empty.
func (s signer) sign(claims jwt.MapClaims, typ string) (string, error) {
	t := jwt.NewWithClaims(s.algorithm.method, claims)
	if typ != "" {
		t.Header["typ"] = typ
	}
	if s.id != "" {
		t.Header["kid"] = s.id
	}
	return t.SignedString(s.key)
}
