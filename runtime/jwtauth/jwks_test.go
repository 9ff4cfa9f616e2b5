package jwtauth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// jwkText returns the JWK of a public key, with further members or others than
// it has, given as names and JSON texts; an empty text leaves the member out.
func jwkText(public any, namesAndTexts ...string) string {
	members := make(map[string]json.RawMessage)
	if err := json.Unmarshal(must(json.Marshal(must(newPublicJWK(public)))), &members); err != nil {
		panic(err)
	}
	for i := 0; i < len(namesAndTexts); i += 2 {
		if members[namesAndTexts[i]] = json.RawMessage(namesAndTexts[i+1]); namesAndTexts[i+1] == "" {
			delete(members, namesAndTexts[i])
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		all = append(all, fmt.Sprintf("%q:%s", name, members[name]))
	}
	return "{" + strings.Join(all, ",") + "}"
}

// jwksText returns the JWK set of these JWKs.
func jwksText(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// quoted returns bytes in base64url, as a JSON text.
func quoted(raw []byte) string { return `"` + base64.RawURLEncoding.EncodeToString(raw) + `"` }

// A goodSet is a set of which one key verifies what another one signs.
type goodSet struct {
	name, text string
	alg        string
	key        any
	id         string
}

func goodSets() []goodSet {
	ids := make([]string, 100)
	hundred := make([]string, 100)
	for i := range hundred {
		ids[i] = fmt.Sprint("key-", i)
		hundred[i] = jwkText(&ecKey().PublicKey, "kid", fmt.Sprintf("%q", ids[i]))
	}
	hundred[57] = jwkText(&rsaKey().PublicKey, "kid", `"key-57"`, "alg", `"RS256"`)
	certificates := `["` + base64.StdEncoding.EncodeToString([]byte("nobody looks at this")) + `","***"]`
	return []goodSet{
		{"RSA", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`, "use", `"sig"`, "alg", `"RS256"`)), "RS256", rsaKey(), "1"},
		{"RSA without alg", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`)), "PS512", rsaKey(), "1"},
		{"P-256", jwksText(jwkText(&ecKey().PublicKey, "kid", `"1"`)), "ES256", ecKey(), "1"},
		{"P-384", jwksText(jwkText(&ec384Key().PublicKey, "kid", `"1"`)), "ES384", ec384Key(), "1"},
		{"P-521", jwksText(jwkText(&ec521Key().PublicKey, "kid", `"1"`)), "ES512", ec521Key(), "1"},
		{"Ed25519", jwksText(jwkText(edKey().Public(), "kid", `"1"`, "alg", `"EdDSA"`)), "EdDSA", edKey(), "1"},
		{"without kid", jwksText(jwkText(&rsaKey().PublicKey, "alg", `"RS256"`)), "RS256", rsaKey(), ""},
		{"kid of 255 bytes", jwksText(jwkText(&ecKey().PublicKey, "kid", `"`+strings.Repeat("k", 255)+`"`)), "ES256", ecKey(), strings.Repeat("k", 255)},
		{"kid with escapes", jwksText(jwkText(&ecKey().PublicKey, "kid", `"\u0061\/\""`)), "ES256", ecKey(), `a/"`},
		{"kid beyond ASCII", jwksText(jwkText(&ecKey().PublicKey, "kid", `"schlüssel"`)), "ES256", ecKey(), "schlüssel"},
		{"key_ops", jwksText(jwkText(&ecKey().PublicKey, "kid", `"1"`, "key_ops", `["sign","verify"]`)), "ES256", ecKey(), "1"},
		{"certificates and addresses", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`, "x5c", certificates, "x5u", `"http://127.0.0.1:1/"`, "x5t", `"AA"`, "x5t#S256", `5`)), "RS256", rsaKey(), "1"},
		{"unknown members", jwksText(jwkText(&ecKey().PublicKey, "kid", `"1"`, "ext", "true", "exp", "1", "x", quoted(must(ecKey().PublicKey.Bytes())[1:33]), "issuer", `{"a":[null]}`)), "ES256", ecKey(), "1"},
		{"unknown members of the set", `{"issuer":"me","keys":[` + jwkText(&ecKey().PublicKey, "kid", `"1"`) + `],"next":{"keys":[]}}`, "ES256", ecKey(), "1"},
		{"white space", " {\n \"keys\" : [\t" + jwkText(&ecKey().PublicKey, "kid", `"1"`) + "\r\n] } \n", "ES256", ecKey(), "1"},
		{"100 keys", jwksText(hundred...), "ES256", ecKey(), "key-99"},
		{"one of 100 keys", jwksText(hundred...), "RS256", rsaKey(), "key-57"},
		{"one kid for two kinds: RSA", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`), jwkText(&ecKey().PublicKey, "kid", `"1"`)), "RS256", rsaKey(), "1"},
		{"one kid for two kinds: EC", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`), jwkText(&ecKey().PublicKey, "kid", `"1"`)), "ES256", ecKey(), "1"},
		{"one kid for two curves", jwksText(jwkText(&ec384Key().PublicKey, "kid", `"1"`), jwkText(&ecKey().PublicKey, "kid", `"1"`)), "ES384", ec384Key(), "1"},
		{"one kid for two algorithms", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"RS256"`), jwkText(&otherRSAKey().PublicKey, "kid", `"1"`, "alg", `"PS256"`)), "PS256", otherRSAKey(), "1"},
		{"HOSTILE 76: one key twice", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`), jwkText(&rsaKey().PublicKey, "kid", `"1"`)), "RS256", rsaKey(), "1"},
		{"one key twice, named without kid", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`), jwkText(&rsaKey().PublicKey, "kid", `"1"`, "use", `"sig"`)), "RS256", rsaKey(), ""},
		{"one key for two algorithms", jwksText(jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"RS256"`), jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"PS256"`)), "PS256", rsaKey(), "1"},
		{"RSA of 8192 bits beside", jwksText(jwkText(&rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 8192), big.NewInt(1)), E: 1<<31 - 1}, "kid", `"2"`), jwkText(&rsaKey().PublicKey, "kid", `"1"`)), "RS256", rsaKey(), "1"},
		{"many names in the set", `{` + manyNames(4000) + `"keys":[` + jwkText(&ecKey().PublicKey, "kid", `"1"`) + `]}`, "ES256", ecKey(), "1"},
	}
}

func TestParseJWKS(t *testing.T) {
	for _, c := range goodSets() {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			set, err := ParseJWKS([]byte(c.text))
			require.NoError(t, err)
			assert.Less(t, time.Since(begin), 5*time.Second)
			b := newKeysBackend(t, set, c.alg)
			requireAccepted(t, b, signWithID(t, c.alg, c.key, c.id))
			requireRefused(t, b, signWithID(t, c.alg, c.key, c.id[:max(0, len(c.id)-1)]+"~"), errSignature)
			forged := signWithID(t, c.alg, signingKey(c.alg), c.id)
			requireRefused(t, b, forged[:len(forged)-12]+"AAAAAAAAAAAA", errSignature)
		})
	}
}

// manyNames returns members with different names.
func manyNames(count int) string {
	var text strings.Builder
	for i := range count {
		fmt.Fprintf(&text, "%q:0,", fmt.Sprint("name-", i))
	}
	return text.String()
}

// Keys that sign no tokens do not stand in the way of those that do, and verify
// nothing: HOSTILE 31, 76.
func TestParseJWKSLeavesOut(t *testing.T) {
	good := jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"RS256"`)
	other := &otherRSAKey().PublicKey
	for name, key := range map[string]string{
		"use enc":                  jwkText(other, "kid", `"2"`, "use", `"enc"`),
		"use enc with RSA-OAEP":    jwkText(other, "kid", `"2"`, "use", `"enc"`, "alg", `"RSA-OAEP"`),
		"use enc with alg of sig":  jwkText(other, "kid", `"2"`, "use", `"enc"`, "alg", `"RS256"`),
		"use that is not known":    jwkText(other, "kid", `"2"`, "use", `"tls"`),
		"use of another case":      jwkText(other, "kid", `"2"`, "use", `"SIG"`),
		"alg RSA-OAEP":             jwkText(other, "kid", `"2"`, "alg", `"RSA-OAEP-256"`),
		"HOSTILE 23: alg none":     jwkText(other, "kid", `"2"`, "alg", `"none"`),
		"alg that does not exist":  jwkText(other, "kid", `"2"`, "alg", `"RS1"`),
		"HOSTILE 28: alg rs256":    jwkText(other, "kid", `"2"`, "alg", `"rs256"`),
		"key_ops without verify":   jwkText(other, "kid", `"2"`, "key_ops", `["sign","encrypt"]`),
		"key_ops empty":            jwkText(other, "kid", `"2"`, "key_ops", `[]`),
		"key_ops of another case":  jwkText(other, "kid", `"2"`, "key_ops", `["Verify"]`),
		"key_ops nested":           jwkText(other, "kid", `"2"`, "key_ops", `[["verify"]]`),
		"kty that is not known":    jwkText(other, "kid", `"2"`, "kty", `"AKP"`),
		"kty of another case":      jwkText(other, "kid", `"2"`, "kty", `"rsa"`),
		"X25519":                   jwkText(edKey().Public(), "kid", `"2"`, "crv", `"X25519"`),
		"Ed448":                    `{"kty":"OKP","crv":"Ed448","kid":"2","x":"` + strings.Repeat("A", 76) + `"}`,
		"secp256k1":                jwkText(&ecKey().PublicKey, "kid", `"2"`, "crv", `"secp256k1"`),
		"EC on Ed25519":            jwkText(&ecKey().PublicKey, "kid", `"2"`, "crv", `"Ed25519"`),
		"OKP on P-256":             jwkText(edKey().Public(), "kid", `"2"`, "crv", `"P-256"`),
		"use enc and RSA of 8 bit": `{"kty":"RSA","use":"enc","n":"AQ","e":"AQ","kid":"2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			set, err := ParseJWKS([]byte(jwksText(key, good)))
			require.NoError(t, err)
			b := newKeysBackend(t, set, "RS256")
			requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), "1"))
			requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), ""))
			for _, id := range []string{"", "1", "2"} {
				requireRefused(t, b, signWithID(t, "RS256", otherRSAKey(), id), errSignature)
			}
			k := must(set.current())
			assert.Len(t, k.named, 1)
			assert.Len(t, k.fitting, 1)

			_, err = ParseJWKS([]byte(jwksText(key)))
			assert.ErrorIs(t, err, errJWKSEmpty)
		})
	}
}

// material finds what could be a part of a key.
var material = regexp.MustCompile(`[A-Za-z0-9_+/-]{20,}`)

// A wrongSet is refused, with an error that begins with want.
type wrongSet struct{ name, text, want string }

func wrongSets(t testing.TB) []wrongSet {
	rsaPublic, ecPublic, edPublic := &rsaKey().PublicKey, &ecKey().PublicKey, edKey().Public().(ed25519.PublicKey)
	good := jwkText(rsaPublic, "kid", `"good"`, "alg", `"RS256"`)
	point := must(ecPublic.Bytes())
	x, y := point[1:33], point[33:]
	rsaWith := func(bits uint) string {
		n := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1))
		return jwkText(rsaPublic, "kid", `"1"`, "n", quoted(n.Bytes()))
	}
	rsaE := func(e ...byte) string { return jwkText(rsaPublic, "kid", `"1"`, "e", quoted(e)) }
	ec := func(x, y []byte) string { return jwkText(ecPublic, "kid", `"1"`, "x", quoted(x), "y", quoted(y)) }
	private := func(name string) string {
		return jwkText(rsaPublic, "kid", `"1"`, name, quoted([]byte("a part of a private key")))
	}
	text := strings.Trim(quoted(x), `"`)
	lastBits := text[:len(text)-1] + spare(text[len(text)-1:])

	ofKey := func(reason string) string { return "key 1: " + reason }
	number, shape := errJWKNumber.Error(), errJWKShape.Error()
	// Keys that must not be there, behind one that is good.
	keys := []struct{ name, key, want string }{
		{"HOSTILE 31: oct", `{"kty":"oct","kid":"1","k":"` + strings.Repeat("A", 43) + `"}`, "a symmetric key"},
		{"oct without k", `{"kty":"oct","kid":"1"}`, "a symmetric key"},
		{"oct for encryption", `{"kty":"oct","kid":"1","use":"enc","alg":"A256KW","k":"` + strings.Repeat("A", 43) + `"}`, "a symmetric key"},
		{"k in an RSA key", private("k"), "a symmetric key"},
		{"d", private("d"), "a private key"},
		{"p", private("p"), "a private key"},
		{"q", private("q"), "a private key"},
		{"dp", private("dp"), "a private key"},
		{"dq", private("dq"), "a private key"},
		{"qi", private("qi"), "a private key"},
		{"oth", jwkText(rsaPublic, "kid", `"1"`, "oth", `[{"r":"AQAB"}]`), "a private key"},
		{"d that is null", jwkText(rsaPublic, "kid", `"1"`, "d", `null`), "a private key"},
		{"d in an EC key", jwkText(ecPublic, "kid", `"1"`, "d", quoted(x)), "a private key"},
		{"d in an OKP key", jwkText(edPublic, "kid", `"1"`, "d", quoted(edKey().Seed())), "a private key"},
		{"d in a key for encryption", jwkText(rsaPublic, "kid", `"1"`, "use", `"enc"`, "d", quoted(x)), "a private key"},
		{"d in a key of unknown kty", `{"kty":"AKP","kid":"1","d":"` + strings.Repeat("A", 43) + `"}`, "a private key"},

		{"HOSTILE 76: RSA of 512 bits", rsaWith(512), "an RSA key of 512 bits"},
		{"HOSTILE 76: RSA of 1024 bits", rsaWith(1024), "an RSA key of 1024 bits"},
		{"HOSTILE 76: RSA of 2047 bits", rsaWith(2047), "an RSA key of 2047 bits"},
		{"HOSTILE 76: RSA of 8193 bits", rsaWith(8193), "an RSA key of 8193 bits"},
		{"HOSTILE 76: RSA of 16384 bits", rsaWith(16384), "an RSA key of 16384 bits"},
		{"HOSTILE 76: RSA of smart cards", jwkText(&rsa.PublicKey{N: rocaModulus(3072), E: 65537}), "an RSA key of the weak kind of CVE-2017-15361"},
		{"HOSTILE 76: e is 0", rsaE(0), number},
		{"HOSTILE 76: e is 1", rsaE(1), "an RSA key whose exponent"},
		{"HOSTILE 76: e is 2", rsaE(2), "an RSA key whose exponent"},
		{"HOSTILE 76: e is even", rsaE(1, 0, 0), "an RSA key whose exponent"},
		{"HOSTILE 76: e of 32 bits", rsaE(0x80, 0, 0, 1), number},
		{"HOSTILE 76: e that wraps around", rsaE(1, 0, 0, 0, 0, 0, 1, 0, 1), number},
		{"HOSTILE 76: e as long as n", jwkText(rsaPublic, "kid", `"1"`, "e", quoted(rsaPublic.N.Bytes())), number},
		{"e with a leading zero", rsaE(0, 1, 0, 1), number},
		{"n with a leading zero", jwkText(rsaPublic, "kid", `"1"`, "n", quoted(append([]byte{0}, rsaPublic.N.Bytes()...))), number},
		{"n missing", jwkText(rsaPublic, "kid", `"1"`, "n", ``), number},
		{"e missing", jwkText(rsaPublic, "kid", `"1"`, "e", ``), number},
		{"n empty", jwkText(rsaPublic, "kid", `"1"`, "n", `""`), shape},
		{"e a number", jwkText(rsaPublic, "kid", `"1"`, "e", `65537`), shape},

		{"HOSTILE 76: off the curve", ec(x, x), "not a point on its curve"},
		{"HOSTILE 76: x and y exchanged", ec(y, x), "not a point on its curve"},
		{"HOSTILE 76: infinity", ec(make([]byte, 32), make([]byte, 32)), "not a point on its curve"},
		{"x beyond the field", ec(unhex(strings.Repeat("ff", 32)), y), "not a point on its curve"},
		{"x too short", ec(x[:31], y), number},
		{"x too long", ec(append([]byte{0}, x...), y), number},
		{"y too short", ec(x, y[1:]), number},
		{"y too long", ec(x, append([]byte{0}, y...)), number},
		{"y missing", jwkText(ecPublic, "kid", `"1"`, "y", ``), number},
		{"x and y divided elsewhere", ec(point[1:32], point[32:]), number},
		{"x compressed", ec(append([]byte{2}, x...), y), number},
		{"P-256 said to be P-384", jwkText(ecPublic, "kid", `"1"`, "crv", `"P-384"`), number},
		{"P-256 said to be P-521", jwkText(ecPublic, "kid", `"1"`, "crv", `"P-521"`), number},
		{"P-384 said to be P-256", jwkText(&ec384Key().PublicKey, "kid", `"1"`, "crv", `"P-256"`), number},

		{"HOSTILE 76: OKP too short", jwkText(edPublic, "kid", `"1"`, "x", quoted(edPublic[:31])), number},
		{"HOSTILE 76: OKP too long", jwkText(edPublic, "kid", `"1"`, "x", quoted(append(slices.Clone(edPublic), 0))), number},
		{"HOSTILE 76: OKP missing", jwkText(edPublic, "kid", `"1"`, "x", ``), number},
		{"HOSTILE 76: OKP off the curve", jwkText(edPublic, "kid", `"1"`, "x", quoted(append([]byte{2}, make([]byte, 31)...))), "not a point on its curve"},
		{"HOSTILE 76: OKP of small order", jwkText(edPublic, "kid", `"1"`, "x", quoted(unhex(smallOrder[10]))), "an Ed25519 key of small order"},
		{"HOSTILE 76: OKP of order 1", jwkText(edPublic, "kid", `"1"`, "x", quoted(unhex(smallOrder[0]))), "an Ed25519 key of small order"},

		{"HOSTILE 25: RS256 on EC", jwkText(ecPublic, "kid", `"1"`, "alg", `"RS256"`), "Algorithm: *ecdsa.PublicKey does not fit RS256"},
		{"HOSTILE 26: ES384 on P-256", jwkText(ecPublic, "kid", `"1"`, "alg", `"ES384"`), "Algorithm: *ecdsa.PublicKey does not fit ES384"},
		{"HOSTILE 24: HS256 on RSA", jwkText(rsaPublic, "kid", `"1"`, "alg", `"HS256"`), "Algorithm: *rsa.PublicKey does not fit HS256"},
		{"EdDSA on RSA", jwkText(rsaPublic, "kid", `"1"`, "alg", `"EdDSA"`), "Algorithm: *rsa.PublicKey does not fit EdDSA"},
		{"ES256 on OKP", jwkText(edPublic, "kid", `"1"`, "alg", `"ES256"`), "Algorithm: ed25519.PublicKey does not fit ES256"},
		{"alg a number", jwkText(rsaPublic, "kid", `"1"`, "alg", `256`), shape},
		{"alg null", jwkText(rsaPublic, "kid", `"1"`, "alg", `null`), shape},
		{"alg empty", jwkText(rsaPublic, "kid", `"1"`, "alg", `""`), shape},
		{"use empty", jwkText(rsaPublic, "kid", `"1"`, "use", `""`), shape},
		{"use an array", jwkText(rsaPublic, "kid", `"1"`, "use", `["sig"]`), shape},
		{"key_ops a string", jwkText(rsaPublic, "kid", `"1"`, "key_ops", `"verify"`), shape},
		{"key_ops null", jwkText(rsaPublic, "kid", `"1"`, "key_ops", `null`), shape},
		{"kty missing", jwkText(rsaPublic, "kid", `"1"`, "kty", ``), shape},
		{"nothing", `{}`, shape},
		{"crv missing", jwkText(ecPublic, "kid", `"1"`, "crv", ``), shape},
		{"n even", jwkText(rsaPublic, "kid", `"1"`, "n", quoted(new(big.Int).Sub(rsaKey().N, big.NewInt(1)).Bytes())), "an RSA key whose modulus is even"},
		{"kty a number", jwkText(rsaPublic, "kid", `"1"`, "kty", `1`), shape},

		{"HOSTILE 31: kid empty", jwkText(rsaPublic, "kid", `""`), shape},
		{"HOSTILE 31: kid a number", jwkText(rsaPublic, "kid", `1`), shape},
		{"HOSTILE 31: kid null", jwkText(rsaPublic, "kid", `null`), shape},
		{"HOSTILE 31: kid of 256 bytes", jwkText(rsaPublic, "kid", `"`+strings.Repeat("kid ", 64)+`"`), "ID: not a string of 1 to 255 bytes"},
		{"HOSTILE 31: kid with NUL", jwkText(rsaPublic, "kid", `"a\u0000"`), "ID: not a string of 1 to 255 bytes"},
		{"HOSTILE 31: kid with a line end", jwkText(rsaPublic, "kid", `"a\n"`), "ID: not a string of 1 to 255 bytes"},

		{"HOSTILE 42: Kty", jwkText(rsaPublic, "kid", `"1"`, "Kty", `"EC"`), shape},
		{"HOSTILE 42: KID", jwkText(rsaPublic, "kid", `"1"`, "KID", `"good"`), shape},
		{"HOSTILE 42: N", jwkText(rsaPublic, "kid", `"1"`, "N", `"AQ"`), shape},
		{"HOSTILE 42: D", jwkText(rsaPublic, "kid", `"1"`, "D", `"AQ"`), shape},
		{"HOSTILE 42: Key_Ops", jwkText(rsaPublic, "kid", `"1"`, "Key_Ops", `[]`), shape},
		{"HOSTILE 42: Kelvin sign", jwkText(rsaPublic, "kid", `"1"`, "\u212a", `"AQ"`), shape},
		{"HOSTILE 42: only KTY", jwkText(rsaPublic, "kid", `"1"`, "kty", ``, "KTY", `"RSA"`), shape},

		{"HOSTILE 36: padded", jwkText(rsaPublic, "kid", `"1"`, "e", `"AQ=="`), number},
		{"HOSTILE 36: n padded", jwkText(rsaPublic, "kid", `"1"`, "n", `"`+base64.URLEncoding.EncodeToString(rsaPublic.N.Bytes())+`"`), number},
		{"HOSTILE 36: standard alphabet", jwkText(edPublic, "kid", `"1"`, "x", `"+/`+strings.Repeat("A", 41)+`"`), number},
		{"HOSTILE 36: a line end inside", jwkText(ecPublic, "kid", `"1"`, "x", `"`+text[:20]+`\n`+text[20:]+`"`), number},
		{"HOSTILE 36: a line end at the end", jwkText(ecPublic, "kid", `"1"`, "x", `"`+text+`\n"`), number},
		{"HOSTILE 36: a space", jwkText(ecPublic, "kid", `"1"`, "x", `" `+text+`"`), number},
		{"HOSTILE 37: another last character", jwkText(ecPublic, "kid", `"1"`, "x", `"`+lastBits+`"`), number},
		{"more members than a key has", `{` + manyNames(256) + `"kty":"RSA"}`, shape},
	}
	var cases []wrongSet
	for _, k := range keys {
		cases = append(cases, wrongSet{k.name, jwksText(good, k.key), ofKey(k.want)})
	}
	other := &otherRSAKey().PublicKey
	set := func(reason error) string { return reason.Error() }
	return append(cases, []wrongSet{
		{"HOSTILE 76: two keys of one kid", jwksText(jwkText(rsaPublic, "kid", `"1"`), jwkText(other, "kid", `"1"`)), `kid "1": another key has the same ID`},
		{"HOSTILE 76: two keys of one kid and alg", jwksText(jwkText(rsaPublic, "kid", `"1"`, "alg", `"RS256"`), jwkText(other, "kid", `"1"`, "alg", `"RS256"`)), `kid "1": another key has the same ID`},
		{"HOSTILE 76: two keys of one kid, one with alg", jwksText(jwkText(rsaPublic, "kid", `"1"`, "alg", `"RS256"`), jwkText(other, "kid", `"1"`)), `kid "1": another key has the same ID`},
		{"HOSTILE 76: one kid by escape", jwksText(jwkText(rsaPublic, "kid", `"1"`), jwkText(other, "kid", `"\u0031"`)), `kid "1": another key has the same ID`},

		{"HOSTILE 27: a name twice in a key", jwksText(good, strings.Replace(jwkText(ecPublic, "kid", `"1"`), "{", `{"kid":"good",`, 1)), set(errJWKSShape)},
		{"HOSTILE 27: a name twice by escape", jwksText(good, strings.Replace(jwkText(ecPublic, "kid", `"1"`), "{", `{"\u006bid":"good",`, 1)), set(errJWKSShape)},
		{"HOSTILE 27: keys twice", `{"keys":[],"keys":[` + good + `]}`, set(errJWKSShape)},
		{"HOSTILE 27: keys twice by escape", `{"keys":[` + good + `],"\u006beys":[]}`, set(errJWKSShape)},
		{"HOSTILE 42: KEYS", `{"KEYS":[` + good + `]}`, set(errJWKSShape)},
		{"HOSTILE 42: Keys beside keys", `{"keys":[` + good + `],"Keys":[]}`, set(errJWKSShape)},
		{"HOSTILE 42: Kelvin sign", `{"keys":[` + good + `],"\u212aeys":[]}`, set(errJWKSShape)},
		{"HOSTILE 75: empty object", `{}`, set(errJWKSShape)},
		{"HOSTILE 75: keys null", `{"keys":null}`, set(errJWKSShape)},
		{"HOSTILE 75: keys an object", `{"keys":{}}`, set(errJWKSShape)},
		{"HOSTILE 75: keys a string", `{"keys":"[]"}`, set(errJWKSShape)},
		{"HOSTILE 75: no keys", `{"keys":[]}`, set(errJWKSEmpty)},
		{"HOSTILE 75: null among keys", `{"keys":[null]}`, set(errJWKSShape)},
		{"HOSTILE 75: null behind a good key", `{"keys":[` + good + `,null]}`, set(errJWKSShape)},
		{"HOSTILE 75: a string among keys", `{"keys":["` + strings.Repeat("A", 40) + `"]}`, set(errJWKSShape)},
		{"HOSTILE 75: an array among keys", `{"keys":[[` + good + `]]}`, set(errJWKSShape)},
		{"HOSTILE 75: a key alone", good, set(errJWKSShape)},
		{"HOSTILE 75: an array", `[` + good + `]`, set(errJWKSShape)},
		{"HOSTILE 75: empty array", `[]`, set(errJWKSShape)},
		{"HOSTILE 75: nothing", ``, set(errJWKSShape)},
		{"HOSTILE 75: null", `null`, set(errJWKSShape)},
		{"HOSTILE 75: HTML", `<!DOCTYPE html><html><body>sign in</body></html>`, set(errJWKSShape)},
		{"HOSTILE 75: PEM", string(publicPEM(t, rsaKey())), set(errJWKSShape)},
		{"HOSTILE 40: byte order mark", "\ufeff" + jwksText(good), set(errJWKSShape)},
		{"HOSTILE 40: UTF-16", "\xff\xfe{\x00}\x00", set(errJWKSShape)},
		{"HOSTILE 40: invalid UTF-8", `{"x":"` + "\xff" + `","keys":[` + good + `]}`, set(errJWKSShape)},
		{"HOSTILE 40: trailing data", jwksText(good) + "x", set(errJWKSShape)},
		{"HOSTILE 40: trailing NUL", jwksText(good) + "\x00", set(errJWKSShape)},
		{"HOSTILE 40: two sets", jwksText(good) + jwksText(good), set(errJWKSShape)},
		{"HOSTILE 40: cut off", jwksText(good)[:100], set(errJWKSShape)},
		{"a comma at the end", `{"keys":[` + good + `,]}`, set(errJWKSShape)},
		{"101 keys", jwksText(slices.Repeat([]string{good}, 101)...), "more than 100 keys"},
		{"101 keys that are left out", jwksText(slices.Repeat([]string{`{}`}, 101)...), "more than 100 keys"},
		{"HOSTILE 75: 512 KiB and a byte", jwksText(good) + strings.Repeat(" ", maxJWKS+1-len(jwksText(good))), "longer than 524288 bytes"},
		{"HOSTILE 43: nested deeply", `{"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `,"keys":[` + good + `]}`, set(errJWKSShape)},
		{"HOSTILE 43: objects nested deeply in a key", jwksText(jwkText(rsaPublic, "x5c", strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100))), set(errJWKSShape)},
		{"HOSTILE 43: 5,000 members", `{` + manyNames(5000) + `"keys":[` + good + `]}`, set(errJWKSShape)},
		{"HOSTILE 43: 5,000 members in keys", jwksText(slices.Repeat([]string{`{` + manyNames(50) + `"kty":"RSA"}`}, 100)...), set(errJWKSShape)},
		{"HOSTILE 43: 250,000 elements", `{"keys":[` + strings.Repeat("1,", 250_000) + `1]}`, "more than 100 keys"},
		{"HOSTILE 44: a number that is none", `{"exp":1e400,"keys":[` + good + `]}`, set(errJWKSShape)},
	}...)
}

func TestParseJWKSRefuses(t *testing.T) {
	for _, c := range wrongSets(t) {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			keys, err := ParseJWKS([]byte(c.text))
			require.Error(t, err)
			assert.Nil(t, keys)
			assert.Contains(t, err.Error(), "jwtauth.ParseJWKS: "+c.want)
			assert.Less(t, len(err.Error()), 400)
			assert.Less(t, time.Since(begin), 5*time.Second, "HOSTILE 43")
			for _, part := range material.FindAllString(c.text[:min(len(c.text), 4000)], -1) {
				assert.NotContains(t, err.Error(), part[:16], "HOSTILE 112")
			}
		})
	}
	good := jwkText(&rsaKey().PublicKey, "kid", `"good"`)
	one, private := jwkText(&rsaKey().PublicKey, "e", `"AQ"`), jwkText(&ecKey().PublicKey, "d", `"AQ"`)
	off := jwkText(&ecKey().PublicKey, "y", quoted(make([]byte, 32)))
	t.Run("each key that is wrong", func(t *testing.T) {
		_, err := ParseJWKS([]byte(jwksText(one, good, off, `{"kty":"AKP"}`, private)))
		for _, want := range []string{"key 0: an RSA key whose exponent", "key 2: not a point", "key 4: a private key"} {
			assert.ErrorContains(t, err, want)
		}
		assert.NotErrorIs(t, err, errJWKSEmpty)
	})
	t.Run("only keys that are wrong", func(t *testing.T) {
		_, err := ParseJWKS([]byte(jwksText(one)))
		assert.ErrorContains(t, err, "key 0: an RSA key whose exponent")
		assert.ErrorIs(t, err, errJWKSEmpty)
	})
	t.Run("as long as can be", func(t *testing.T) {
		_, err := ParseJWKS([]byte(jwksText(good) + strings.Repeat(" ", maxJWKS-len(jwksText(good)))))
		assert.NoError(t, err)
	})
}

// What is refused of a set takes nothing else with it: this is what a set from
// an address is read with.
func TestParseJWKSPartly(t *testing.T) {
	text := jwksText(
		jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"RS256"`),
		jwkText(&rsaKey().PublicKey, "kid", `"2"`, "alg", `"RS256"`),
		jwkText(&otherRSAKey().PublicKey, "kid", `"2"`, "alg", `"RS256"`),
		jwkText(&ecKey().PublicKey, "kid", `"3"`, "d", `"AQ"`),
		jwkText(&ecKey().PublicKey, "kid", `"4"`),
	)
	k, refused, err := parseJWKS(text)
	require.NoError(t, err)
	require.Len(t, refused, 2)
	assert.EqualError(t, refused[0], "key 3: a private key, which nobody may publish")
	assert.EqualError(t, refused[1], `kid "2": another key has the same ID and fits the same algorithm`)
	b := newKeysBackend(t, fixedKeys{k}, "RS256", "ES256")
	requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), "1"))
	requireAccepted(t, b, signWithID(t, "ES256", ecKey(), "4"))
	requireRefused(t, b, signWithID(t, "RS256", rsaKey(), "2"), errSignature)
	requireRefused(t, b, signWithID(t, "RS256", otherRSAKey(), "2"), errSignature)
	requireRefused(t, b, signWithID(t, "RS256", otherRSAKey(), ""), errSignature)
	requireRefused(t, b, signWithID(t, "ES256", ecKey(), "3"), errSignature)
}

// Keys without kid, of which several fit, verify nothing.
func TestParseJWKSWithoutIDs(t *testing.T) {
	set, err := ParseJWKS([]byte(jwksText(
		jwkText(&rsaKey().PublicKey, "alg", `"RS256"`), jwkText(&otherRSAKey().PublicKey, "alg", `"RS256"`), jwkText(&ecKey().PublicKey),
	)))
	require.NoError(t, err)
	b := newKeysBackend(t, set, "RS256", "ES256")
	requireAccepted(t, b, signWithID(t, "ES256", ecKey(), ""))
	requireRefused(t, b, signWithID(t, "ES256", ecKey(), "1"), errSignature)
	requireRefused(t, b, signWithID(t, "RS256", rsaKey(), ""), errSignature)
	requireRefused(t, b, signWithID(t, "RS256", otherRSAKey(), ""), errSignature)
}

// Sets in the shape of those that large issuers publish.
func TestParseJWKSOfIssuers(t *testing.T) {
	third := must(rsa.GenerateKey(rand.Reader, 2048))
	modulus := func(key *rsa.PrivateKey) string { return base64.RawURLEncoding.EncodeToString(key.N.Bytes()) }
	block, _ := pem.Decode(certificate(t, false))
	chain := base64.StdEncoding.EncodeToString(block.Bytes)
	for name, text := range map[string]string{
		"Google": fmt.Sprintf(`{
  "keys": [
    {
      "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB",
      "kid": "first",
      "n": %q
    },
    {
      "n": %q,
      "e": "AQAB", "kid": "second", "use": "sig", "alg": "RS256", "kty": "RSA"
    }
  ]
}
`, modulus(rsaKey()), modulus(otherRSAKey())),
		"Microsoft": fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":"first","x5t":"first","n":%q,"e":"AQAB","x5c":[%q],"cloud_instance_name":"login.example","issuer":"https://login.example/{tenantid}/v2.0"},`+
			`{"kty":"RSA","use":"sig","kid":"second","x5t":"second","n":%q,"e":"AQAB","x5c":[%q],"issuer":"https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}]}`,
			modulus(rsaKey()), chain, modulus(otherRSAKey()), chain),
		"Keycloak": fmt.Sprintf(`{"keys":[{"kid":"third","kty":"RSA","alg":"RSA-OAEP","use":"enc","x5c":[%q],"x5t":"AA","x5t#S256":"AA","n":%q,"e":"AQAB"},`+
			`{"kid":"first","kty":"RSA","alg":"RS256","use":"sig","x5c":[%q],"x5t":"AA","x5t#S256":"AA","n":%q,"e":"AQAB"},`+
			`{"kid":"second","kty":"RSA","alg":"RS256","use":"sig","n":%q,"e":"AQAB"},`+
			`{"kid":"ec","kty":"EC","alg":"ECDH-ES","use":"enc","crv":"P-256","x":"AA","y":"AA"}]}`,
			chain, modulus(third), chain, modulus(rsaKey()), modulus(otherRSAKey())),
		"Auth0": fmt.Sprintf(`{"keys":[{"alg":"RS256","kty":"RSA","use":"sig","x5c":[%q],"n":%q,"e":"AQAB","kid":"first","x5t":"first"},`+
			`{"alg":"RS256","kty":"RSA","use":"sig","n":%q,"e":"AQAB","kid":"second","x5t":"second"}]}`,
			chain, modulus(rsaKey()), modulus(otherRSAKey())),
		"one that adds new kinds": fmt.Sprintf(`{"keys":[{"kty":"AKP","alg":"ML-DSA-65","use":"sig","kid":"third","pub":"AAAA"},{"kty":"OKP","crv":"X25519","use":"enc","x":"AAAA","kid":"x"},`+
			`{"kty":"RSA","key_ops":["verify"],"kid":"first","n":%q,"e":"AQAB"},{"kty":"RSA","kid":"second","n":%q,"e":"AQAB"}],"next_update":"2026-01-01"}`,
			modulus(rsaKey()), modulus(otherRSAKey())),
	} {
		t.Run(name, func(t *testing.T) {
			set, err := ParseJWKS([]byte(text))
			require.NoError(t, err)
			b := newKeysBackend(t, set, "RS256")
			requireAccepted(t, b, signWithID(t, "RS256", rsaKey(), "first"))
			requireAccepted(t, b, signWithID(t, "RS256", otherRSAKey(), "second"))
			for _, id := range []string{"", "first", "second", "third"} {
				requireRefused(t, b, signWithID(t, "RS256", third, id), errSignature)
			}
		})
	}
}
