package jwtauth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// A KeySet holds the keys that a backend trusts for one issuer. [NewKeySet],
// [ParsePEM], [ParseJWKS] and [JWKSURL] make one, and a [KeyRing] is one. A
// KeySet is safe for concurrent use and may serve several backends.
type KeySet interface {
	// current returns the keys that are trusted now. Two calls return the same
	// pointer if and only if nothing has changed between them. The error is a
	// [runtime.ErrUnavailable] if the keys are not known.
	current() (*keys, error)

	// newer is asked once for a token whose kid is not among keys that current
	// returned. It returns nil if there are no other keys by now, and may wait for
	// them within bounds of its own.
	newer(ctx context.Context, than *keys) *keys
}

// A Key verifies tokens.
type Key struct {
	// ID is the value of kid that names the key: at most 255 bytes of UTF-8 without
	// control characters. Empty: no token can name it.
	ID string

	// Algorithm is the one value of alg that the key is for. Empty: each one that
	// a key of its kind can have.
	Algorithm string

	// Public is an *rsa.PublicKey of 2048 to 8192 bits, an *ecdsa.PublicKey on
	// P-256, P-384 or P-521, or an ed25519.PublicKey. Nil if there is a Secret.
	Public crypto.PublicKey

	// Secret is a key of HMAC, under the rules of [Config].
	Secret []byte
}

// NewKeySet returns a set that never changes. Either every key has an ID, and a
// token is verified with the one key that its kid and alg name; or none has,
// the token's kid says nothing, and it is tried with each that fits its alg, at
// most eight. A token without kid is verified by a key with an ID only if no
// other key of the set fits its alg.
//
// An error names the index of the key that is wrong, and holds nothing of it.
func NewKeySet(list ...Key) (KeySet, error) {
	set, err := newFixedKeys(list)
	if err != nil {
		return nil, fmt.Errorf("jwtauth.NewKeySet: %w", err)
	}
	return set, nil
}

func newFixedKeys(list []Key) (fixedKeys, error) {
	if len(list) == 0 {
		return fixedKeys{}, errors.New("no key")
	}
	named := list[0].ID != ""
	if slices.ContainsFunc(list, func(k Key) bool { return (k.ID != "") != named }) {
		return fixedKeys{}, errors.New("some keys have an ID and others have not")
	}
	k := newKeys()
	for i, key := range list {
		if err := k.add(key); err != nil {
			return fixedKeys{}, fmt.Errorf("key %d: %w", i, err)
		}
	}
	k.tried = !named
	for name, fitting := range k.fitting {
		if k.tried && len(fitting) > maxTried {
			return fixedKeys{}, fmt.Errorf("%d keys for %s, and a token would be tried with each: at most %d", len(fitting), name, maxTried)
		}
	}
	return fixedKeys{k}, nil
}

// fixedKeys is a KeySet that never changes.
type fixedKeys struct{ keys *keys }

func (f fixedKeys) current() (*keys, error)            { return f.keys, nil }
func (f fixedKeys) newer(context.Context, *keys) *keys { return nil }

// maxTried is how many keys without an ID a token is tried with.
const maxTried = 8

// keys are the keys of a set at one time. They do not change once they are in
// use.
type keys struct {
	named   map[keyName][]*verifier // of one element each
	fitting map[string][]*verifier  // by algorithm
	tried   bool                    // kid is not looked at, and a token may be tried with several
}

// A keyName is what a token can name a key by. The algorithm belongs to it: an
// RSA key and an ECDSA key may share a kid (RFC 7517 section 4.5).
type keyName struct{ kid, alg string }

func newKeys() *keys {
	return &keys{named: make(map[keyName][]*verifier), fitting: make(map[string][]*verifier)}
}

// verifiers returns what verifies tokens with these values of the header fields
// alg and kid; kid is empty if the token has none.
func (k *keys) verifiers(alg, kid string) []*verifier {
	switch fitting := k.fitting[alg]; {
	case k.tried:
		return fitting
	case kid != "":
		return k.named[keyName{kid, alg}]
	case len(fitting) == 1:
		return fitting
	}
	return nil
}

// knows reports whether newer keys could not help a token: it names none, or
// one that is there.
func (k *keys) knows(alg, kid string) bool {
	return k.tried || kid == "" || len(k.named[keyName{kid, alg}]) > 0
}

func (k *keys) fits(alg string) bool { return len(k.fitting[alg]) > 0 }

var errSameID = errors.New("another key has the same ID and fits the same algorithm")

// add adds a key, unless the same is there already under the same ID.
func (k *keys) add(key Key) error {
	material, err := key.check()
	if err != nil {
		return err
	}
	identity, err := identify(material)
	if err != nil {
		return err
	}
	fits := false
	for _, a := range algorithms {
		if !a.fits(material) || key.Algorithm != "" && key.Algorithm != a.name {
			continue
		}
		fits = true
		name := keyName{key.ID, a.name}
		if same := k.named[name]; len(same) > 0 {
			if same[0].identity != identity {
				return errSameID
			}
			continue
		}
		v := newVerifier(a, material, identity)
		if k.fitting[a.name] = append(k.fitting[a.name], v); key.ID != "" {
			k.named[name] = []*verifier{v}
		}
	}
	if !fits {
		return fmt.Errorf("no algorithm for a key of type %T", material)
	}
	return nil
}

// check returns the public key, or the []byte of the secret.
func (key Key) check() (material any, err error) {
	if key.ID != "" && (!isKeyID(key.ID) || !utf8.ValidString(key.ID)) {
		return nil, wrong("ID", "not a string of 1 to %d bytes of UTF-8 without control characters", maxName)
	}
	if key.Algorithm != "" && algorithmByName(key.Algorithm) == nil {
		return nil, wrong("Algorithm", "%q is not supported", key.Algorithm)
	}
	switch {
	case key.Secret != nil && key.Public != nil:
		return nil, wrong("Secret", "set beside Public")
	case key.Secret != nil:
		if err := checkSecret(key.Secret); err != nil {
			return nil, named("Secret", err)
		}
		return slices.Clone(key.Secret), nil
	case nilable.IsNil(key.Public):
		return nil, wrong("Public", "nil")
	}
	if err := checkPublic(key.Public); err != nil {
		return nil, err
	}
	if a := algorithmByName(key.Algorithm); a != nil && !a.fits(key.Public) {
		return nil, wrong("Algorithm", "%T does not fit %s", key.Public, a.name)
	}
	if public, ok := key.Public.(ed25519.PublicKey); ok {
		return slices.Clone(public), nil
	}
	return key.Public, nil
}

// checkPublic finds keys with which nothing can be verified, or everything.
func checkPublic(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(key); err != nil {
			return err
		}
		if isROCA(key.N) {
			return errors.New("an RSA key of the weak kind of CVE-2017-15361")
		}
	case *ecdsa.PublicKey:
		if *key == (ecdsa.PublicKey{Curve: key.Curve}) {
			return errNoPoint
		}
		if _, err := key.Bytes(); err != nil {
			return errNoPoint
		}
	case ed25519.PublicKey:
		return checkEd25519(key)
	}
	return nil
}

var errNoPoint = errors.New("not a point on its curve")

// edPrime and edD are p and d of RFC 8032 section 5.1.
var (
	edPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edD, _  = new(big.Int).SetString("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 16)
)

// checkEd25519 finds what is not the canonical form of a point on the curve (RFC
// 8032 section 5.1.3), and the points of small order: everybody can sign what
// such a key verifies.
func checkEd25519(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return errors.New("an Ed25519 key of the wrong size")
	}
	bytes := slices.Clone(key)
	slices.Reverse(bytes)
	bytes[0] &= 0x7f // the sign of x
	mod := func(n *big.Int) *big.Int { return n.Mod(n, edPrime) }
	one, y := big.NewInt(1), new(big.Int).SetBytes(bytes)
	square := mod(new(big.Int).Mul(y, y))
	u := mod(new(big.Int).Sub(square, one)) // x² is u/v
	v := mod(new(big.Int).Add(new(big.Int).Mul(edD, square), one))
	if y.Cmp(edPrime) >= 0 || big.Jacobi(mod(new(big.Int).Mul(u, v)), edPrime) < 0 {
		return errNoPoint
	}
	// The orders are 1 and 2 where x is 0, 4 where y is 0, and 8 where doubling
	// gives such a point: where x² + y² is 0.
	sum := mod(new(big.Int).Add(u, new(big.Int).Mul(square, v)))
	if u.Sign() == 0 || y.Sign() == 0 || sum.Sign() == 0 {
		return errors.New("an Ed25519 key of small order")
	}
	return nil
}

// isROCA reports whether a modulus of 2048 bits or more is one that a library of
// smart cards made: modulo each small prime it is a power of 65537, which lets
// it be factored (CVE-2017-15361). Other moduli are so by no chance that counts.
func isROCA(n *big.Int) bool {
	for prime := int64(3); prime <= 701; prime += 2 {
		if !big.NewInt(prime).ProbablyPrime(0) {
			continue
		}
		residue := new(big.Int).Mod(n, big.NewInt(prime)).Int64()
		power := int64(1)
		for power != residue {
			if power = power * 65537 % prime; power == 1 {
				return false
			}
		}
	}
	return true
}

// An identity tells keys apart.
type identity [sha256.Size]byte

func identify(material any) (identity, error) {
	if secret, ok := material.([]byte); ok {
		return sha256.Sum256(secret), nil
	}
	der, err := x509.MarshalPKIXPublicKey(material)
	if err != nil {
		return identity{}, fmt.Errorf("no algorithm for a key of type %T", material)
	}
	return sha256.Sum256(der), nil
}

// A verifier is a key together with one algorithm that it fits.
type verifier struct {
	method   jwt.SigningMethod
	key      any // what method takes
	identity identity
	macs     *sync.Pool // of *mac if the method is HMAC, else nil
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
func newVerifier(a *algorithm, key any, identity identity) *verifier {
	v := &verifier{method: a.method, key: key, identity: identity}
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
