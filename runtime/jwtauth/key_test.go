package jwtauth

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newKeysBackend returns a backend for a set of keys, whose tokens are those of
// the issuer "me".
func newKeysBackend(t testing.TB, set KeySet, algorithms ...string) *Backend {
	t.Helper()
	b, err := New(Config{Keys: set, Algorithms: algorithms, Issuer: "me", Now: func() time.Time { return testNow }})
	require.NoError(t, err)
	return b
}

var issuedByMe = with("iss", `"me"`)

// signWithID returns a token of the issuer "me" whose header names the key;
// without kid if id is empty.
func signWithID(t testing.TB, alg string, key any, id string) string {
	t.Helper()
	header := fmt.Sprintf(`{"alg":%q}`, alg)
	if id != "" {
		header = fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, id)
	}
	return sign(t, alg, key, header, issuedByMe)
}

// unhex returns the bytes of a text of hexadecimal digits.
func unhex(text string) []byte { return must(hex.DecodeString(text)) }

// smallOrder are all encodings of Ed25519's points of small order, those that
// are not canonical among them.
var smallOrder = []string{
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}

// ecPoint returns a key that need not be a point on the curve.
func ecPoint(curve elliptic.Curve, x, y *big.Int) *ecdsa.PublicKey {
	key := &ecdsa.PublicKey{Curve: curve}
	key.X, key.Y = x, y //lint:ignore SA1019 what is deprecated is all that makes such keys
	return key
}

func TestNewKeySetRefuses(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	rsaPublic, ecPublic, edPublic := &rsaKey().PublicKey, &ecKey().PublicKey, edKey().Public()
	good := Key{Public: rsaPublic}
	modulus := rsaPublic.N
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader))
	secret := func(text string) Key { return Key{Secret: []byte(text)} }
	one := big.NewInt(1)
	point := must(ecPublic.Bytes())
	x, y := new(big.Int).SetBytes(point[1:33]), new(big.Int).SetBytes(point[33:])

	cases := []struct {
		name string
		keys []Key
		want string
	}{
		{"no key", nil, "no key"},
		{"nothing", []Key{good, {}}, "key 1: Public: nil"},
		{"an ID behind none", []Key{good, {ID: "a", Public: ecPublic}}, "some keys have an ID and others have not"},
		{"none behind an ID", []Key{{ID: "a", Public: ecPublic}, good}, "some keys have an ID and others have not"},
		{"HOSTILE 31: ID with NUL", []Key{{ID: "a\x00", Public: rsaPublic}}, "key 0: ID: not a string"},
		{"HOSTILE 31: ID with DEL", []Key{{ID: "a\x7f", Public: rsaPublic}}, "key 0: ID: not a string"},
		{"HOSTILE 31: ID with a line end", []Key{{ID: "a\n", Public: rsaPublic}}, "key 0: ID: not a string"},
		{"HOSTILE 31: ID of 256 bytes", []Key{{ID: strings.Repeat("a", 256), Public: rsaPublic}}, "key 0: ID: not a string"},
		{"ID that is not UTF-8", []Key{{ID: "a\xff", Public: rsaPublic}}, "key 0: ID: not a string"},
		{"HOSTILE 23: none", []Key{{Algorithm: "none", Public: rsaPublic}}, `key 0: Algorithm: "none" is not supported`},
		{"HOSTILE 28: lower case", []Key{{Algorithm: "rs256", Public: rsaPublic}}, `key 0: Algorithm: "rs256" is not supported`},
		{"both", []Key{{Public: rsaPublic, Secret: testSecret}}, "key 0: Secret: set beside Public"},
		{"a nil RSA key", []Key{{Public: (*rsa.PublicKey)(nil)}}, "key 0: Public: nil"},
		{"a nil ECDSA key", []Key{{Public: (*ecdsa.PublicKey)(nil)}}, "key 0: Public: nil"},
		{"a nil Ed25519 key", []Key{{Public: ed25519.PublicKey(nil)}}, "key 0: Public: nil"},
		{"a private key", []Key{{Public: rsaKey()}}, "key 0: no algorithm for a key of type *rsa.PrivateKey"},
		{"a private Ed25519 key", []Key{{Public: edKey()}}, "key 0: no algorithm for a key of type ed25519.PrivateKey"},
		{"a text", []Key{{Public: string(publicPEM(t, rsaKey()))}}, "key 0: no algorithm for a key of type string"},
		{"X25519", []Key{{Public: x25519.PublicKey()}}, "key 0: no algorithm for a key of type *ecdh.PublicKey"},
		{"P-224", []Key{good, {Public: &p224.PublicKey}}, "key 1: no algorithm for a key of type *ecdsa.PublicKey"},
		{"HOSTILE 76: RSA of 1024 bits", []Key{{Public: &small.PublicKey}}, "key 0: an RSA key of 1024 bits"},
		{"HOSTILE 76: RSA of 8193 bits", []Key{{Public: &rsa.PublicKey{N: new(big.Int).Lsh(one, 8192), E: 65537}}}, "key 0: an RSA key of 8193 bits"},
		{"HOSTILE 76: RSA without a modulus", []Key{{Public: &rsa.PublicKey{E: 65537}}}, "key 0: an RSA key without a modulus"},
		{"HOSTILE 76: RSA with e = 1", []Key{{Public: &rsa.PublicKey{N: modulus, E: 1}}}, "key 0: an RSA key whose exponent"},
		{"HOSTILE 76: RSA with e = 2", []Key{{Public: &rsa.PublicKey{N: modulus, E: 2}}}, "key 0: an RSA key whose exponent"},
		{"HOSTILE 76: RSA with e = -3", []Key{{Public: &rsa.PublicKey{N: modulus, E: -3}}}, "key 0: an RSA key whose exponent"},
		{"HOSTILE 76: RSA of smart cards", []Key{{Public: &rsa.PublicKey{N: rocaModulus(2048), E: 65537}}}, "key 0: an RSA key of the weak kind of CVE-2017-15361"},
		{"HOSTILE 76: off the curve", []Key{{Public: ecPoint(elliptic.P256(), one, one)}}, "key 0: not a point on its curve"},
		{"HOSTILE 76: on another curve", []Key{{Public: ecPoint(elliptic.P384(), x, y)}}, "key 0: not a point on its curve"},
		{"HOSTILE 76: infinity", []Key{{Public: ecPoint(elliptic.P256(), new(big.Int), new(big.Int))}}, "key 0: not a point on its curve"},
		{"no point", []Key{{Public: &ecdsa.PublicKey{Curve: elliptic.P256()}}}, "key 0: not a point on its curve"},
		{"no curve", []Key{{Public: &ecdsa.PublicKey{}}}, "key 0: not a point on its curve"},
		{"HOSTILE 76: Ed25519, short", []Key{{Public: edPublic.(ed25519.PublicKey)[:31]}}, "key 0: an Ed25519 key of the wrong size"},
		{"HOSTILE 76: Ed25519, long", []Key{{Public: append(slices.Clone(edPublic.(ed25519.PublicKey)), 0)}}, "key 0: an Ed25519 key of the wrong size"},
		{"HOSTILE 76: Ed25519, empty", []Key{{Public: ed25519.PublicKey{}}}, "key 0: an Ed25519 key of the wrong size"},
		{"HOSTILE 76: Ed25519, off the curve", []Key{{Public: ed25519.PublicKey(append([]byte{2}, make([]byte, 31)...))}}, "key 0: not a point on its curve"},
		{"HOSTILE 26: ES384 with P-256", []Key{{Algorithm: "ES384", Public: ecPublic}}, "key 0: Algorithm: *ecdsa.PublicKey does not fit ES384"},
		{"HOSTILE 25: RS256 with Ed25519", []Key{{Algorithm: "RS256", Public: edPublic}}, "key 0: Algorithm: ed25519.PublicKey does not fit RS256"},
		{"HOSTILE 24: HS256 with RSA", []Key{{Algorithm: "HS256", Public: rsaPublic}}, "key 0: Algorithm: *rsa.PublicKey does not fit HS256"},
		{"HOSTILE 24: RS256 with a secret", []Key{{Algorithm: "RS256", Secret: testSecret}}, "key 0: no algorithm for a key"},
		{"HOSTILE 57: empty secret", []Key{{Secret: []byte{}}}, "key 0: Secret: empty"},
		{"HOSTILE 57: short secret", []Key{secret("a secret, but too short a one"), good}, "key 0: Secret: 29 bytes"},
		{"HOSTILE 57: line end", []Key{secret(string(testSecret) + "\n")}, "key 0: Secret: white space"},
		{"HOSTILE 24: PEM as a secret", []Key{secret(strings.TrimSpace(string(publicPEM(t, rsaKey()))))}, "key 0: Secret: a key or certificate"},
		{"HOSTILE 76: one ID, two keys", []Key{{ID: "a", Public: rsaPublic}, {ID: "a", Public: &otherRSAKey().PublicKey}}, "key 1: another key has the same ID"},
		{"HOSTILE 76: one ID, two secrets", []Key{{ID: "a", Secret: testSecret}, {ID: "a", Secret: bytes.ToUpper(testSecret)}}, "key 1: another key has the same ID"},
		{"HOSTILE 76: one ID, two keys, one of which has an algorithm", []Key{{ID: "a", Algorithm: "PS512", Public: rsaPublic}, {ID: "a", Public: &otherRSAKey().PublicKey}}, "key 1: another key has the same ID"},
		{"nine without ID", slices.Repeat([]Key{{Algorithm: "RS256", Public: rsaPublic}}, 9), "9 keys for RS256"},
	}
	for i, point := range smallOrder {
		cases = append(cases, struct {
			name string
			keys []Key
			want string
		}{fmt.Sprint("HOSTILE 76: Ed25519 of small order ", i), []Key{{Public: ed25519.PublicKey(unhex(point))}}, "key 0: "})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			set, err := NewKeySet(c.keys...)
			require.Error(t, err)
			assert.Nil(t, set)
			assert.Contains(t, err.Error(), "jwtauth.NewKeySet: "+c.want)
			for _, key := range c.keys {
				if len(key.Secret) > 20 {
					assert.NotContains(t, err.Error(), string(key.Secret[2:12]), "HOSTILE 112")
				}
			}
		})
	}
}

// What a key of small order would mean: everybody can sign.
func TestSmallOrderVerifiesForgeries(t *testing.T) {
	identity := ed25519.PublicKey(unhex(smallOrder[0]))
	forged := append(slices.Clone(identity), make([]byte, 32)...) // R is the identity, S is 0
	assert.True(t, ed25519.Verify(identity, []byte("anything"), forged))
}

// checkEd25519 against square roots, and against keys that are good.
func TestCheckEd25519(t *testing.T) {
	for i := range 200 {
		seed := bytes.Repeat([]byte{byte(i)}, ed25519.SeedSize)
		assert.NoError(t, checkEd25519(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)))
	}
	refused := 0
	for range 200 {
		key := make(ed25519.PublicKey, ed25519.PublicKeySize)
		_, _ = rand.Read(key)
		err := checkEd25519(key)
		reversed := slices.Clone(key)
		slices.Reverse(reversed)
		reversed[0] &= 0x7f
		y := new(big.Int).SetBytes(reversed)
		square := new(big.Int).Mul(y, y)
		u := new(big.Int).Sub(square, big.NewInt(1))
		v := new(big.Int).Add(new(big.Int).Mul(edD, square), big.NewInt(1))
		x := new(big.Int).Mul(u, new(big.Int).ModInverse(v, edPrime))
		onCurve := new(big.Int).ModSqrt(x.Mod(x, edPrime), edPrime) != nil
		assert.Equal(t, onCurve, err == nil, "%x", key)
		if !onCurve {
			refused++
			assert.ErrorIs(t, err, errNoPoint)
		}
	}
	assert.InDelta(t, 100, refused, 60, "half of all y have no x")
	for i, point := range smallOrder {
		err := checkEd25519(unhex(point))
		if i < 6 || i > 9 { // the others are not canonical, besides
			assert.ErrorContains(t, err, "small order", point)
		} else {
			assert.ErrorIs(t, err, errNoPoint, point)
		}
	}
}

// rocaModulus returns an odd number of this size that is a power of 65537 modulo
// the product of the first 126 primes.
func rocaModulus(size uint) *big.Int {
	product := big.NewInt(2)
	for p := int64(3); p <= 701; p += 2 {
		if big.NewInt(p).ProbablyPrime(0) {
			product.Mul(product, big.NewInt(p))
		}
	}
	power := new(big.Int).Exp(big.NewInt(65537), big.NewInt(1_234_567), product)
	n := new(big.Int).Lsh(big.NewInt(1), size-1)
	n.Sub(n, new(big.Int).Mod(n, product))
	return n.Add(n.Add(n, product), power)
}

func TestIsROCA(t *testing.T) {
	for _, size := range []uint{2048, 3072, 4096} {
		n := rocaModulus(size)
		assert.True(t, isROCA(n))
		assert.False(t, isROCA(n.Add(n, big.NewInt(2))))
	}
	for range 500 { // of numbers without small factors, as moduli are
		n := new(big.Int).SetBytes(must(rsaLike(256)))
		assert.False(t, isROCA(n))
	}
	assert.False(t, isROCA(rsaKey().N))
	assert.False(t, isROCA(otherRSAKey().N))
}

// rsaLike returns random bytes of a number that is odd.
func rsaLike(size int) ([]byte, error) {
	raw := make([]byte, size)
	_, err := rand.Read(raw)
	raw[0], raw[size-1] = raw[0]|0x80, raw[size-1]|1
	return raw, err
}

// Tokens are verified with the key that kid and alg name, and no other.
func TestKeysWithID(t *testing.T) {
	set := must(NewKeySet(
		Key{ID: "a", Public: &rsaKey().PublicKey},
		Key{ID: "b", Algorithm: "PS256", Public: &otherRSAKey().PublicKey},
		Key{ID: "a", Public: &ecKey().PublicKey}, // RFC 7517 section 4.5: the same kid for keys of different kty
		Key{ID: "a", Public: &rsaKey().PublicKey},
		Key{ID: "d", Algorithm: "EdDSA", Public: edKey().Public()},
	))
	b := newKeysBackend(t, set, "RS256", "PS256", "ES256", "EdDSA")
	cases := []struct {
		name, alg string
		key       any
		id        string
		ok        bool
	}{
		{"the key of kid and alg", "RS256", rsaKey(), "a", true},
		{"another of its algorithms", "PS256", rsaKey(), "a", true},
		{"a key of the same kid", "ES256", ecKey(), "a", true},
		{"the key of its one algorithm", "PS256", otherRSAKey(), "b", true},
		{"Ed25519", "EdDSA", edKey(), "d", true},
		{"HOSTILE 25: RS256 with a key for PS256", "RS256", otherRSAKey(), "b", false},
		{"a key of another kid", "RS256", otherRSAKey(), "a", false},
		{"a key of another kid, the other way round", "PS256", rsaKey(), "b", false},
		{"HOSTILE 31: an unknown kid", "RS256", rsaKey(), "c", false},
		{"a kid of another case", "RS256", rsaKey(), "A", false},
		{"a kid with more behind", "RS256", rsaKey(), "a ", false},
		{"the kid of a key that does not fit", "EdDSA", edKey(), "a", false},
		{"without kid, where one fits", "RS256", rsaKey(), "", true},
		{"without kid, where one fits and another signed", "RS256", otherRSAKey(), "", false},
		{"without kid, where one fits: ECDSA", "ES256", ecKey(), "", true},
		{"without kid, where one fits: Ed25519", "EdDSA", edKey(), "", true},
		{"without kid, where two fit", "PS256", rsaKey(), "", false},
		{"without kid, where two fit: the other", "PS256", otherRSAKey(), "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := signWithID(t, c.alg, c.key, c.id)
			if c.ok {
				requireAccepted(t, b, token)
			} else {
				requireRefused(t, b, token, errSignature)
			}
		})
	}
	k := must(set.current())
	for _, a := range algorithms {
		for _, id := range []string{"", "a", "b", "c", "d"} {
			assert.LessOrEqual(t, len(k.verifiers(a.name, id)), 1, "no key is tried after another")
		}
	}
}

// Where keys have no ID, the token's kid says nothing.
func TestKeysWithoutID(t *testing.T) {
	set := must(NewKeySet(Key{Public: &rsaKey().PublicKey}, Key{Algorithm: "RS256", Public: &otherRSAKey().PublicKey}))
	b := newKeysBackend(t, set, "RS256", "PS256")
	for _, id := range []string{"", "a", "../../dev/null"} {
		requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), id))
		requireAccepted(t, b, signWithID(t, "RS256", otherRSAKey(), id))
		requireAccepted(t, b, signWithID(t, "PS256", rsaKey(), id))
		requireRefused(t, b, signWithID(t, "PS256", otherRSAKey(), id), errSignature)
	}
	_, err := NewKeySet(slices.Repeat([]Key{{Algorithm: "RS256", Public: &rsaKey().PublicKey}}, maxTried)...)
	assert.NoError(t, err)
}

// A key with an algorithm serves no other one: HOSTILE 25, 26.
func TestKeyIsForOneAlgorithm(t *testing.T) {
	for _, a := range algorithms {
		key := Key{ID: "a", Algorithm: a.name}
		if a.symmetric() {
			key.Secret = testSecret
		} else {
			key.Public = signingKey(a.name).(crypto.Signer).Public()
		}
		set := must(NewKeySet(key))
		k := must(set.current())
		for _, other := range algorithms {
			want := 0
			if other == a {
				want = 1
			}
			assert.Len(t, k.verifiers(other.name, "a"), want, "%s for %s", a.name, other.name)
			assert.Len(t, k.verifiers(other.name, ""), want, "%s for %s", a.name, other.name)
			if other == a {
				requireAccepted(t, newKeysBackend(t, set, a.name), signWithID(t, a.name, signingKey(a.name), "a"))
				continue
			}
			_, err := New(Config{Keys: set, Algorithms: []string{other.name}, Issuer: "me"})
			assert.ErrorContains(t, err, "Algorithms[0]")
		}
	}
}

// Secrets with ids rotate as other keys do.
func TestSecretsWithID(t *testing.T) {
	other := bytes.ToUpper(testSecret)
	b := newKeysBackend(t, must(NewKeySet(Key{ID: "a", Algorithm: "HS256", Secret: testSecret}, Key{ID: "b", Secret: other})), "HS256", "HS512")
	requireAccepted(t, b, signWithID(t, "HS256", testSecret, "a"))
	requireAccepted(t, b, signWithID(t, "HS256", other, "b"))
	requireAccepted(t, b, signWithID(t, "HS512", other, "b"))
	requireAccepted(t, b, signWithID(t, "HS512", other, ""))
	requireRefused(t, b, signWithID(t, "HS256", other, "a"), errSignature)
	requireRefused(t, b, signWithID(t, "HS512", testSecret, "a"), errSignature)
	requireRefused(t, b, signWithID(t, "HS256", testSecret, ""), errSignature)
}

func TestKeySetDoesNotFollowItsArguments(t *testing.T) {
	secret, public := bytes.Clone(testSecret), slices.Clone(edKey().Public().(ed25519.PublicKey))
	list := []Key{{ID: "s", Secret: secret}, {ID: "e", Public: public}, {ID: "r", Public: &rsaKey().PublicKey}}
	b := newKeysBackend(t, must(NewKeySet(list...)), "HS256", "EdDSA", "RS256")
	clear(secret)
	clear(public)
	list[2] = Key{ID: "r", Public: &otherRSAKey().PublicKey}

	requireAccepted(t, b, signWithID(t, "HS256", testSecret, "s"))
	requireAccepted(t, b, signWithID(t, "EdDSA", edKey(), "e"))
	requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), "r"))
	requireRefused(t, b, signWithID(t, "HS256", make([]byte, len(testSecret)), "s"), errSignature)
	requireRefused(t, b, signWithID(t, "RS256", otherRSAKey(), "r"), errSignature)
}

// HOSTILE 31: a kid that another issuer's key has. HOSTILE 122: each issuer's
// tokens are verified with its own keys only.
func TestIssuersDoNotShareKeys(t *testing.T) {
	b, err := New(Config{
		Issuer: "me", Keys: must(NewKeySet(Key{ID: "1", Public: &rsaKey().PublicKey})), Algorithms: []string{"RS256"},
		Others: []TrustedIssuer{{
			Issuer: "other", Keys: must(NewKeySet(Key{ID: "1", Public: &otherRSAKey().PublicKey}, Key{ID: "2", Public: &ecKey().PublicKey})),
			Algorithms: []string{"RS256", "ES256"}, UserIDPrefix: "other:",
		}},
		Now: func() time.Time { return testNow },
	})
	require.NoError(t, err)
	token := func(alg, id, issuer string, key any) string {
		return sign(t, alg, key, fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, id), with("iss", fmt.Sprintf("%q", issuer)))
	}
	assert.Equal(t, "42", requireAccepted(t, b, token("RS256", "1", "me", rsaKey())).UserID())
	assert.Equal(t, "other:42", requireAccepted(t, b, token("RS256", "1", "other", otherRSAKey())).UserID())
	assert.Equal(t, "other:42", requireAccepted(t, b, token("ES256", "2", "other", ecKey())).UserID())
	requireRefused(t, b, token("RS256", "1", "me", otherRSAKey()), errSignature)
	requireRefused(t, b, token("RS256", "1", "other", rsaKey()), errSignature)
	requireRefused(t, b, token("ES256", "2", "me", ecKey()), errAlgorithm)
	requireRefused(t, b, token("RS256", "1", "third", rsaKey()), errIssuer)
}
