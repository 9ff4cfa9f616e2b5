package interop

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/MicahParks/jwkset"
	josejwk "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// What a reader does with a set.
const (
	takesAll  = "**takes it**"
	leavesOut = "leaves the key out"
	takesNone = "**takes it as empty**"
	refusal   = "refuses the set"
)

// A hostileSet is a JWK set with something wrong about it: most have a good key
// and another.
type hostileSet struct {
	what string
	text string
	keys int    // in the set
	alg  string // that the other key fits and the good one does not, if there is one
	want string // what jwtauth does
	why  string
}

const jwksIntroduction = `# JWK sets that jwtauth refuses, and other libraries take

Written by ` + "`go test . -update`" + `, compared by ` + "`go test .`" + `. Where a row is about a key, there is a good key beside it.

go-jose reads a set with json.Unmarshal into a JSONWebKeySet, jwkset from an address with NewStorageFromHTTP, both without
options. To take a key is not to verify a token with it: what is wrong may still show then, if at all.
`

// hostileSetHead is how the rows of sets begin.
var hostileSetHead = []string{"set", "jwtauth", "go-jose", "jwkset", "why"}

func TestHostileKeySets(t *testing.T) {
	good := hostileSet{what: "two good keys", text: set(goodKey(), jwkWith(rsaJWK(), nil)), keys: 2, alg: "RS256", want: takesAll}
	assert.Equal(t, []string{takesAll, takesAll, takesAll}, good.row(t)[1:4], "else all the rest says nothing")

	rows := [][]string{{"version", "this one", moduleVersion(t, "go-jose/go-jose/v4"), moduleVersion(t, "MicahParks/jwkset"), ""}}
	sets := hostileSets()
	for _, s := range sets {
		row := s.row(t)
		assert.Equal(t, s.want, row[1], s.what)
		rows = append(rows, row)
	}
	compare(t, "JWKS.md", jwksIntroduction+"\n"+table(hostileSetHead, rows))
	t.Logf("%d sets", len(sets))
}

func (s hostileSet) row(t *testing.T) []string {
	t.Helper()
	return []string{s.what, s.ours(), s.goJose(), s.jwkset(t), s.why}
}

// ours is what jwtauth does. Whether it took the other key shows when a backend
// is made for an algorithm that only this key fits.
func (s hostileSet) ours() string {
	keys, err := jwtauth.ParseJWKS([]byte(s.text))
	if err != nil {
		return refusal
	}
	if s.alg != "" {
		if _, err := jwtauth.New(jwtauth.Config{Keys: keys, Algorithms: []string{s.alg}}); err != nil {
			return leavesOut
		}
	}
	return takesAll
}

func (s hostileSet) goJose() string {
	var keys josejwk.JSONWebKeySet
	err := json.Unmarshal([]byte(s.text), &keys)
	return s.outcome(len(keys.Keys), err)
}

func (s hostileSet) jwkset(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s.text)) }))
	defer server.Close()
	storage, err := jwkset.NewStorageFromHTTP(server.URL, jwkset.HTTPClientStorageOptions{})
	if err != nil {
		return refusal
	}
	keys, err := storage.KeyReadAll(context.Background())
	return s.outcome(len(keys), err)
}

func (s hostileSet) outcome(keys int, err error) string {
	switch {
	case err != nil:
		return refusal
	case keys == 0:
		return takesNone
	case keys < s.keys:
		return leavesOut
	}
	return takesAll
}

// moduleVersion returns the version of a library that go.mod has.
func moduleVersion(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), path+" ")
	require.True(t, found, path)
	version, _, _ := strings.Cut(rest, "\n")
	return version
}

// set returns the JSON text of a set of these keys, texts themselves.
func set(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// jwkWith returns a JWK of the members, some of them set to other values, or
// taken away by nil.
func jwkWith(members, changes map[string]any) string {
	members = maps.Clone(members)
	maps.Copy(members, changes)
	maps.DeleteFunc(members, func(_ string, value any) bool { return value == nil })
	return string(must(json.Marshal(members)))
}

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func goodKey() string { return jwkWith(ecJWK(elliptic.P256(), "good"), nil) }

func ecJWK(curve elliptic.Curve, kid string) map[string]any {
	key := generateEC(curve, false)
	point := must(key.PublicKey.Bytes())[1:]
	return map[string]any{
		"kty": "EC", "kid": kid, "crv": curve.Params().Name, "x": base64url(point[:len(point)/2]), "y": base64url(point[len(point)/2:]),
	}
}

// rsaJWK returns the public half of the key of these tests.
func rsaJWK() map[string]any {
	return modulusJWK(algorithmByName("RS256").signer.(*rsa.PrivateKey).N)
}

func modulusJWK(n *big.Int) map[string]any {
	return map[string]any{"kty": "RSA", "kid": "other", "n": base64url(n.Bytes()), "e": "AQAB"}
}

// modulus returns one of this many bits, and nobody knows its factors.
func modulus(bits int) *big.Int {
	n := must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits))))
	n.SetBit(n, bits-1, 1)
	return n.SetBit(n, 0, 1)
}

func okpJWK(crv string, x []byte) map[string]any {
	return map[string]any{"kty": "OKP", "kid": "other", "crv": crv, "x": base64url(x)}
}

// otherSet returns a set of the good key and another one.
func otherSet(what, other, alg, want, why string) hostileSet {
	return hostileSet{what: what, text: set(goodKey(), other), keys: 2, alg: alg, want: want, why: why}
}

func hostileSets() (all []hostileSet) {
	all = append(all, kidSets()...)
	all = append(all, rsaSets()...)
	all = append(all, curveSets()...)
	all = append(all, secretSets()...)
	all = append(all, purposeSets()...)
	all = append(all, memberSets()...)
	return append(all, wholeSets()...)
}

func kidSets() []hostileSet {
	const kid = "RFC 7517 section 4.5: a string"
	same, one, other := ecJWK(elliptic.P256(), "good"), ecJWK(elliptic.P256(), "good"), ecJWK(elliptic.P256(), "good")
	return []hostileSet{
		{what: "the same key twice", text: set(jwkWith(same, nil), jwkWith(same, nil)), keys: 2, want: takesAll, why: "it means what it means once"},
		{what: "two keys of one kid", text: set(jwkWith(one, nil), jwkWith(other, nil)), keys: 2, want: refusal, why: "which of them is meant?"},
		otherSet("two keys of one kid, of different kty", jwkWith(rsaJWK(), map[string]any{"kid": "good"}), "RS256", takesAll, "RFC 7517 section 4.5: alg tells them apart"),
		otherSet("no kid", jwkWith(rsaJWK(), map[string]any{"kid": nil}), "RS256", takesAll, "RFC 7517 section 4.5: optional"),
		otherSet("kid empty", jwkWith(rsaJWK(), map[string]any{"kid": ""}), "RS256", refusal, "tokens with an empty kid are refused, so it is a mistake"),
		otherSet("kid a number", jwkWith(rsaJWK(), map[string]any{"kid": 1}), "RS256", refusal, kid),
		otherSet("kid with a line end", jwkWith(rsaJWK(), map[string]any{"kid": "a\nb"}), "RS256", refusal, "no token with it is accepted"),
	}
}

func rsaSets() []hostileSet {
	const (
		weak     = "RFC 7518 section 3.3: at least 2048 bits"
		exponent = "no RSA: an odd number above 1, here below 2^31"
		uint64s  = "RFC 7518 section 6.3.1: Base64urlUInt"
		rewrite  = "RFC 7518 section 2: no zeros before it"
	)
	key := func(changes map[string]any) string { return jwkWith(rsaJWK(), changes) }
	n := rsaJWK()["n"].(string) // of 342 characters, the last with four bits to spare
	return []hostileSet{
		otherSet("RSA of 512 bits", jwkWith(modulusJWK(modulus(512)), nil), "RS256", refusal, weak),
		otherSet("RSA of 1024 bits", jwkWith(modulusJWK(modulus(1024)), nil), "RS256", refusal, weak),
		otherSet("RSA of 2047 bits", jwkWith(modulusJWK(modulus(2047)), nil), "RS256", refusal, weak),
		otherSet("RSA of 65,536 bits", jwkWith(modulusJWK(modulus(65_536)), nil), "RS256", refusal, "verifying takes too long; at most 8192 bits"),
		otherSet("RSA with e = 1", key(map[string]any{"e": "AQ"}), "RS256", refusal, "every signature would hold"),
		otherSet("RSA with e = 2", key(map[string]any{"e": "Ag"}), "RS256", refusal, exponent),
		otherSet("RSA with e = 0", key(map[string]any{"e": "AA"}), "RS256", refusal, exponent),
		otherSet("RSA with e = 2^64 + 65537", key(map[string]any{"e": base64url([]byte{1, 0, 0, 0, 0, 0, 1, 0, 1})}), "RS256", refusal, exponent),
		otherSet("RSA with n even", jwkWith(modulusJWK(new(big.Int).Lsh(modulus(2047), 1)), nil), "RS256", refusal, "no RSA modulus"),
		otherSet("RSA without n", key(map[string]any{"n": nil}), "RS256", refusal, "RFC 7518 section 6.3.1"),
		otherSet("RSA with n empty", key(map[string]any{"n": ""}), "RS256", refusal, uint64s),
		otherSet("RSA with n a number", key(map[string]any{"n": 65537}), "RS256", refusal, uint64s),
		otherSet("n padded", key(map[string]any{"n": n + "=="}), "RS256", refusal, uint64s),
		otherSet("n with a line end inside", key(map[string]any{"n": n[:8] + "\n" + n[8:]}), "RS256", refusal, uint64s),
		otherSet("n in the standard alphabet", key(map[string]any{"n": base64.RawStdEncoding.EncodeToString(standardModulus().Bytes())}), "RS256", refusal, uint64s),
		otherSet("n with spare bits set", key(map[string]any{"n": n[:len(n)-1] + spare(n[len(n)-1:])}), "RS256", refusal, "RFC 4648 section 3.5: spare bits are zero"),
		otherSet("n with a zero before it", key(map[string]any{"n": base64url(append([]byte{0}, must(base64.RawURLEncoding.DecodeString(n))...))}), "RS256", refusal, rewrite),
		otherSet("e with a zero before it", key(map[string]any{"e": "AAEAAQ"}), "RS256", refusal, rewrite),
	}
}

// standardModulus returns one whose base64 shows in which alphabet it is.
func standardModulus() *big.Int {
	n := modulus(2048).Bytes()
	copy(n, []byte{0xff, 0xff, 0xff, 0xfb, 0xef, 0xbe})
	return new(big.Int).SetBytes(n)
}

func curveSets() []hostileSet {
	const size = "RFC 7518 section 6.2.1.2: as long as the curve has it"
	ec := func(changes map[string]any) string { return jwkWith(ecJWK(elliptic.P384(), "other"), changes) }
	public := algorithmByName("EdDSA").signer.Public().(ed25519.PublicKey)
	zero := base64url(make([]byte, 48))
	off := make([]byte, 48)
	off[47] = 5
	short := new(big.Int).SetBytes(must(generateEC(elliptic.P384(), true).PublicKey.Bytes())[1:49])
	return []hostileSet{
		otherSet("EC: a point off the curve", ec(map[string]any{"x": base64url(off), "y": base64url(off)}), "ES384", refusal, "RFC 8725 section 3.4; invalid curve attacks"),
		otherSet("EC: x and y zero", ec(map[string]any{"x": zero, "y": zero}), "ES384", refusal, "not on the curve"),
		otherSet("EC: y of another key", ec(map[string]any{"y": ecJWK(elliptic.P384(), "")["y"]}), "ES384", refusal, "not on the curve"),
		otherSet("EC: coordinates of another curve", ec(map[string]any{"crv": "P-521"}), "ES512", refusal, size),
		otherSet("EC: a zero before x", ec(map[string]any{"x": "AAAA" + ecJWK(elliptic.P384(), "")["x"].(string)}), "ES384", refusal, size),
		otherSet("EC: x without the zero that it begins with", shortX(), "ES384", refusal, size),
		otherSet("EC: x padded", ec(map[string]any{"x": base64.URLEncoding.EncodeToString(short.FillBytes(make([]byte, 48))) + "===="}), "ES384", refusal, "RFC 7515 section 2: no padding"),
		otherSet("EC: no crv", ec(map[string]any{"crv": nil}), "ES384", refusal, "RFC 7518 section 6.2.1.1: required"),
		otherSet("EC: secp256k1", ec(map[string]any{"crv": "secp256k1"}), "ES384", leavesOut, "a curve that is not known"),
		otherSet("OKP: 31 bytes", jwkWith(okpJWK("Ed25519", public[:31]), nil), "EdDSA", refusal, "RFC 8032 section 5.1.5: 32 bytes"),
		otherSet("OKP: 33 bytes", jwkWith(okpJWK("Ed25519", append([]byte{0}, public...)), nil), "EdDSA", refusal, "RFC 8032 section 5.1.5: 32 bytes"),
		otherSet("OKP: all zero", jwkWith(okpJWK("Ed25519", make([]byte, 32)), nil), "EdDSA", refusal, "a point of small order: signatures that nobody made hold"),
		otherSet("OKP: the neutral element", jwkWith(okpJWK("Ed25519", append([]byte{1}, make([]byte, 31)...)), nil), "EdDSA", refusal, "a point of small order: signatures that nobody made hold"),
		otherSet("OKP: of order 8", jwkWith(okpJWK("Ed25519", must(hex.DecodeString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))), nil), "EdDSA", refusal, "a point of small order: signatures that nobody made hold"),
		otherSet("OKP: y not below 2^255 - 19", jwkWith(okpJWK("Ed25519", must(hex.DecodeString("f0"+strings.Repeat("ff", 30)+"7f"))), nil), "EdDSA", refusal, "RFC 8032 section 5.1.3: one point would have two texts"),
		otherSet("OKP: no point", jwkWith(okpJWK("Ed25519", append([]byte{2}, make([]byte, 31)...)), nil), "EdDSA", refusal, "not on the curve"),
		otherSet("OKP: Ed448", jwkWith(okpJWK("Ed448", make([]byte, 57)), nil), "EdDSA", leavesOut, "a curve that is not known"),
		otherSet("OKP: X25519", jwkWith(okpJWK("X25519", public), nil), "EdDSA", leavesOut, "for agreement on keys"),
	}
}

// shortX returns a key as PyJWT 2.6 writes it.
func shortX() string {
	for {
		point := must(generateEC(elliptic.P384(), true).PublicKey.Bytes())[1:]
		if point[0] == 0 && point[48] != 0 {
			return jwkWith(map[string]any{"kty": "EC", "kid": "other", "crv": "P-384"}, map[string]any{
				"x": base64url(point[1:48]), "y": base64url(point[48:]),
			})
		}
	}
}

func secretSets() []hostileSet {
	const (
		private   = "RFC 7517 section 9.2: whoever reads the set can sign"
		symmetric = "RFC 7517 section 9.2: whoever reads the set can sign; and key confusion"
	)
	rsaKey := algorithmByName("RS256").signer.(*rsa.PrivateKey)
	ecKey := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	point := must(ecKey.PublicKey.Bytes())[1:]
	ecPrivate := map[string]any{
		"kty": "EC", "kid": "other", "crv": "P-384", "x": base64url(point[:48]), "y": base64url(point[48:]), "d": base64url(must(ecKey.Bytes())),
	}
	edKey := algorithmByName("EdDSA").signer.(ed25519.PrivateKey)
	return []hostileSet{
		otherSet("oct", jwkWith(map[string]any{"kty": "oct", "kid": "other", "k": base64url([]byte(testSecret))}, nil), "", refusal, symmetric),
		otherSet("oct, use enc", jwkWith(map[string]any{"kty": "oct", "kid": "other", "use": "enc", "k": base64url([]byte(testSecret))}, nil), "", refusal, symmetric),
		otherSet("RSA with k", jwkWith(rsaJWK(), map[string]any{"k": base64url([]byte(testSecret))}), "RS256", refusal, symmetric),
		otherSet("RSA with d, p and q", jwkWith(rsaJWK(), map[string]any{
			"d": base64url(rsaKey.D.Bytes()), "p": base64url(rsaKey.Primes[0].Bytes()), "q": base64url(rsaKey.Primes[1].Bytes()),
			"dp": base64url(rsaKey.Precomputed.Dp.Bytes()), "dq": base64url(rsaKey.Precomputed.Dq.Bytes()), "qi": base64url(rsaKey.Precomputed.Qinv.Bytes()),
		}), "RS256", refusal, private),
		otherSet("EC with d", jwkWith(ecPrivate, nil), "ES384", refusal, private),
		otherSet("EC with d, use enc", jwkWith(ecPrivate, map[string]any{"use": "enc"}), "ES384", refusal, private),
		otherSet("OKP with d", jwkWith(okpJWK("Ed25519", edKey.Public().(ed25519.PublicKey)), map[string]any{"d": base64url(edKey.Seed())}), "EdDSA", refusal, private),
	}
}

func purposeSets() []hostileSet {
	key := func(changes map[string]any) string { return jwkWith(rsaJWK(), changes) }
	const (
		encrypts = "RFC 7517 section 4.2: not for signatures"
		mismatch = "RFC 7518 section 3.1: the algorithm of another kty; one of them is wrong"
	)
	return []hostileSet{
		otherSet("use enc", key(map[string]any{"use": "enc"}), "RS256", leavesOut, encrypts),
		otherSet("use SIG", key(map[string]any{"use": "SIG"}), "RS256", leavesOut, "RFC 7517 section 4.2: case counts"),
		otherSet("use a list", key(map[string]any{"use": []string{"sig"}}), "RS256", refusal, "RFC 7517 section 4.2: a string"),
		otherSet("key_ops encrypt", key(map[string]any{"key_ops": []string{"encrypt"}}), "RS256", leavesOut, "RFC 7517 section 4.3: not for signatures"),
		otherSet("key_ops sign", key(map[string]any{"key_ops": []string{"sign"}}), "RS256", leavesOut, "RFC 7517 section 4.3: not to verify with"),
		otherSet("key_ops a string", key(map[string]any{"key_ops": "verify"}), "RS256", refusal, "RFC 7517 section 4.3: a list"),
		otherSet("key_ops empty", key(map[string]any{"key_ops": []string{}}), "RS256", leavesOut, "RFC 7517 section 4.3: for nothing"),
		otherSet("alg RSA-OAEP", key(map[string]any{"alg": "RSA-OAEP"}), "RS256", leavesOut, encrypts),
		otherSet("alg none", key(map[string]any{"alg": "none"}), "RS256", leavesOut, "an algorithm that is not known"),
		otherSet("alg RS256 on an EC key", jwkWith(ecJWK(elliptic.P384(), "other"), map[string]any{"alg": "RS256"}), "ES384", refusal, mismatch),
		otherSet("alg ES256 on a P-384 key", jwkWith(ecJWK(elliptic.P384(), "other"), map[string]any{"alg": "ES256"}), "ES384", refusal, mismatch),
		otherSet("alg HS256 on an RSA key", key(map[string]any{"alg": "HS256"}), "RS256", refusal, mismatch),
		otherSet("a kty that nobody knows", jwkWith(map[string]any{"kty": "NEW", "kid": "other", "x": "AA"}, nil), "RS256", leavesOut, "RFC 7517 section 5: ignored"),
		otherSet("x5c of another key", key(map[string]any{"x5c": []string{strangersCertificate()}}), "RS256", takesAll, "RFC 7517 section 4.7: a mistake; certificates are not looked at, so the key that counts is the one in the set"),
		otherSet("x5u of an address", key(map[string]any{"x5u": "http://127.0.0.1:1/"}), "RS256", takesAll, "addresses are not looked at, let alone fetched"),
	}
}

// strangersCertificate returns a certificate of a key that nobody else has.
func strangersCertificate() string {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	return base64.StdEncoding.EncodeToString(must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)))
}

func memberSets() []hostileSet {
	const (
		twice     = "RFC 7517 section 4: names must be unique; two readers may see two keys"
		lookalike = "a reader that ignores case would take it for the real one"
	)
	key := jwkWith(rsaJWK(), nil)
	other := jwkWith(ecJWK(elliptic.P384(), "other"), nil)
	before := func(member string) string { return "{" + member + "," + key[1:] }
	return []hostileSet{
		otherSet("kty twice, the same", before(`"kty":"RSA"`), "RS256", refusal, twice),
		otherSet("kty twice, oct first", before(`"kty":"oct"`), "RS256", refusal, twice),
		otherSet("n twice, by escape", before(`"\u006e":"AQAB"`), "RS256", refusal, twice),
		otherSet("`Kty` instead of kty", strings.Replace(key, `"kty"`, `"Kty"`, 1), "RS256", refusal, lookalike),
		otherSet("`N` beside n", before(`"N":"AQAB"`), "RS256", refusal, lookalike),
		otherSet("`D`, a private key to some", before(`"D":"AQAB"`), "RS256", refusal, lookalike),
		otherSet("no kty", jwkWith(rsaJWK(), map[string]any{"kty": nil}), "RS256", refusal, "RFC 7517 section 4.1: required"),
		otherSet("kty a number", jwkWith(rsaJWK(), map[string]any{"kty": 1}), "RS256", refusal, "RFC 7517 section 4.1: a string"),
		otherSet("kty rsa", jwkWith(rsaJWK(), map[string]any{"kty": "rsa"}), "RS256", leavesOut, "RFC 7517 section 4.1: case counts"),
		otherSet("a member nested 100 deep", before(`"x":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)), "RS256", refusal, "nothing needs it, and recursion costs"),
		otherSet("invalid UTF-8 in a kid", strings.Replace(key, `"kid":"other"`, "\"kid\":\"oth\xff\"", 1), "RS256", refusal, "RFC 8259 section 8.1"),
		otherSet("null among the keys", "null", "", refusal, "RFC 7517 section 5.1: JWKs"),
		otherSet("a string among the keys", `"key"`, "", refusal, "RFC 7517 section 5.1: JWKs"),
		{what: "keys twice", text: `{"keys":[` + key + `],"keys":[` + other + `]}`, keys: 1, want: refusal, why: "RFC 7517 section 5: names must be unique"},
		{what: "`Keys` beside keys", text: `{"keys":[` + key + `],"Keys":[` + other + `]}`, keys: 1, want: refusal, why: lookalike},
		{what: "`KEYS` instead of keys", text: `{"KEYS":[` + key + `]}`, keys: 1, want: refusal, why: lookalike},
	}
}

func wholeSets() []hostileSet {
	const (
		object = "RFC 7517 section 5: a JSON object"
		list   = "RFC 7517 section 5.1: an array"
		empty  = "no token could be verified: rather a mistake than a wish"
	)
	good := set(goodKey())
	many := func(n int) string {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":"%d","x":"%s"}`, i, base64url(algorithmByName("EdDSA").signer.Public().(ed25519.PublicKey))))
		}
		return set(keys...)
	}
	return []hostileSet{
		{what: "{}", text: `{}`, want: refusal, why: "RFC 7517 section 5.1: keys is required; an error page of a proxy may look so"},
		{what: "keys empty", text: `{"keys":[]}`, want: refusal, why: empty},
		{what: "keys null", text: `{"keys":null}`, want: refusal, why: list},
		{what: "keys an object", text: `{"keys":{"a":` + goodKey() + `}}`, want: refusal, why: list},
		{what: "only a key that is left out", text: set(jwkWith(rsaJWK(), map[string]any{"use": "enc"})), keys: 1, want: refusal, why: empty},
		{what: "a list of keys", text: `[` + goodKey() + `]`, want: refusal, why: object},
		{what: "a key instead of a set", text: goodKey(), keys: 1, want: refusal, why: "RFC 7517 section 5.1: keys is required"},
		{what: "null", text: `null`, want: refusal, why: object},
		{what: "nothing", text: ``, want: refusal, why: object},
		{what: "HTML", text: `<!DOCTYPE html><title>502 Bad Gateway</title>`, want: refusal, why: object},
		{what: "text behind the set", text: good + "x", keys: 1, want: refusal, why: object},
		{what: "another set behind the set", text: good + good, keys: 1, want: refusal, why: object},
		{what: "a byte order mark before the set", text: "\ufeff" + good, keys: 1, want: refusal, why: "RFC 8259 section 8.1"},
		{what: "101 keys", text: many(101), keys: 101, want: refusal, why: "at most 100"},
		{what: "100,000 keys", text: many(100_000), keys: 100_000, want: refusal, why: "at most 100"},
		{what: "a MiB of white space", text: strings.Repeat(" ", 1<<20) + good, keys: 1, want: refusal, why: "at most 512 KiB"},
	}
}
