package jwtauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	plainHeader = `{"alg":"HS256","typ":"JWT"}`
	plainClaims = `{"sub":"42","exp":1750003600,"iat":1750000000,"jti":"a-1"}`
)

// sign returns a token of exactly these texts, signed properly.
func sign(t testing.TB, alg string, key any, header, claims string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	signature, err := algorithmByName(alg).method.Sign(text, key)
	require.NoError(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func signPlain(t testing.TB, header, claims string) string {
	t.Helper()
	return sign(t, "HS256", testSecret, header, claims)
}

// with returns plainClaims with some of them set to other JSON texts, or
// without them where the text is empty.
func with(namesAndTexts ...string) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(plainClaims), &members); err != nil {
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

func newTestBackend(t testing.TB, change func(*Config)) *Backend {
	t.Helper()
	config := Config{Secret: testSecret, Now: func() time.Time { return testNow }}
	if change != nil {
		change(&config)
	}
	b, err := New(config)
	require.NoError(t, err)
	return b
}

func authenticate(b *Backend, token string) (*runtime.Principal, error) {
	leak.Secret(token)
	p, err := b.Authenticate(&http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}})
	leak.Error(err)
	return p, err
}

// requireRefused asserts that the token is refused for this reason, and that
// nobody outside can tell it from any other reason.
func requireRefused(t *testing.T, b *Backend, token string, reason error) {
	t.Helper()
	p, err := authenticate(b, token)
	require.ErrorIs(t, err, reason)
	require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	require.Nil(t, p)
	require.Equal(t, genericChallenge, b.Challenge(nil, err), "HOSTILE 113")
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 12 {
			require.NotContains(t, err.Error(), part, "HOSTILE 112")
		}
	}
}

const genericChallenge = `Bearer realm="api", error="invalid_token", error_description="The access token is expired, revoked or otherwise invalid"`

func requireAccepted(t *testing.T, b *Backend, token string) *runtime.Principal {
	t.Helper()
	p, err := authenticate(b, token)
	require.NoError(t, err)
	require.True(t, p.IsAuthenticated())
	require.Equal(t, "jwt", p.Backend())
	return p
}

func TestTransport(t *testing.T) {
	good := signPlain(t, plainHeader, plainClaims)
	none, invalid := runtime.ErrNoCredentials, runtime.ErrInvalidCredentials
	cases := []struct {
		name   string
		values []string
		err    error
	}{
		{"HOSTILE 1: no header field", nil, none},
		{"HOSTILE 2: empty", []string{""}, none},
		{"HOSTILE 3: scheme only", []string{"Bearer"}, invalid},
		{"HOSTILE 4: lower case", []string{"bearer " + good}, nil},
		{"HOSTILE 4: upper case", []string{"BEARER " + good}, nil},
		{"HOSTILE 5: several spaces", []string{"Bearer   " + good}, nil},
		{"HOSTILE 5: tab", []string{"Bearer\t" + good}, none},
		{"HOSTILE 5: space and tab", []string{"Bearer \t" + good}, invalid},
		{"HOSTILE 5: trailing space", []string{"Bearer " + good + " "}, invalid},
		{"HOSTILE 6: two words", []string{"Bearer a b"}, invalid},
		{"HOSTILE 6: a token and a word", []string{"Bearer " + good + " b"}, invalid},
		{"HOSTILE 7: no scheme", []string{good}, none},
		{"HOSTILE 8: Basic", []string{"Basic " + good}, none},
		{"HOSTILE 9: two fields", []string{"Bearer " + good, "Bearer " + good}, invalid},
		{"HOSTILE 10: two in one field", []string{"Bearer " + good + ", Bearer " + good}, invalid},
		{"HOSTILE 13: quoted", []string{`Bearer "` + good + `"`}, invalid},
		{"HOSTILE 15: 1 MiB", []string{"Bearer " + good + strings.Repeat("A", 1<<20)}, invalid},
		{"HOSTILE 15: 10,000 dots", []string{"Bearer " + strings.Repeat(".", 10_000)}, invalid},
		{"HOSTILE 16: not ASCII", []string{"Bearer " + good + "é"}, invalid},
		{"HOSTILE 16: NUL", []string{"Bearer " + good + "\x00"}, invalid},
		{"HOSTILE 16: CRLF", []string{"Bearer " + good + "\r\n"}, invalid},
		{"HOSTILE 16: CRLF inside", []string{"Bearer " + good[:20] + "\r\n" + good[20:]}, invalid},
		{"HOSTILE 16: %0A", []string{"Bearer " + good + "%0A"}, invalid},
		{"the good one", []string{"Bearer " + good}, nil},
	}
	b := newTestBackend(t, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := b.Authenticate(&http.Request{Header: http.Header{"Authorization": c.values}})
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.err == nil, p != nil)
		})
	}
	t.Run("HOSTILE 14: token in the query", func(t *testing.T) {
		_, err := b.Authenticate(httptest.NewRequest(http.MethodGet, "/?access_token="+good+"&token="+good, nil))
		assert.ErrorIs(t, err, none)
	})
	t.Run("HOSTILE 11: token in a cookie", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: "access_token", Value: good})
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, none)
	})
	t.Run("HOSTILE 17: the method does not matter", func(t *testing.T) {
		for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "BREW"} {
			r := httptest.NewRequest(method, "/", nil)
			_, err := b.Authenticate(r)
			assert.ErrorIs(t, err, none)
			r.Header.Set("Authorization", "Bearer "+good)
			_, err = b.Authenticate(r)
			assert.NoError(t, err)
		}
	})
	t.Run("HOSTILE 22: headers that name a user", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, name := range []string{"X-User-Id", "X-Remote-User", "X-Original-URL", "X-Forwarded-User"} {
			r.Header.Set(name, "42")
		}
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, none)
	})
	t.Run("another header field, with and without a scheme", func(t *testing.T) {
		b := newTestBackend(t, func(c *Config) { c.Header = "x-auth-token" })
		for value, want := range map[string]error{good: nil, "Bearer " + good: nil, "Basic " + good: invalid, "": none} {
			_, err := b.Authenticate(&http.Request{Header: http.Header{"X-Auth-Token": {value}}})
			assert.ErrorIs(t, err, want, value)
		}
		_, err := authenticate(b, good)
		assert.ErrorIs(t, err, none)
	})
}

func TestHeader(t *testing.T) {
	b := newTestBackend(t, nil)
	long := strings.Repeat("k", 256)
	cases := []struct {
		name   string
		header string
		err    error // nil: accepted
	}{
		{"HOSTILE 23: none", `{"alg":"none"}`, errAlgorithm},
		{"HOSTILE 23: None", `{"alg":"None"}`, errAlgorithm},
		{"HOSTILE 23: nOnE", `{"alg":"nOnE"}`, errAlgorithm},
		{"HOSTILE 23: empty", `{"alg":""}`, errAlgorithm},
		{"HOSTILE 23: missing", `{"typ":"JWT"}`, errAlgorithm},
		{"HOSTILE 23: null", `{"alg":null}`, errAlgorithm},
		{"HOSTILE 23: number", `{"alg":256}`, errAlgorithm},
		{"HOSTILE 23: array", `{"alg":["HS256"]}`, errAlgorithm},
		{"HOSTILE 23: with a space", `{"alg":"HS256 "}`, errAlgorithm},
		{"HOSTILE 25: one that is not configured", `{"alg":"HS384"}`, errAlgorithm},
		{"HOSTILE 25: one of another kind", `{"alg":"RS256"}`, errAlgorithm},
		{"HOSTILE 27: twice", `{"alg":"HS256","alg":"HS256"}`, errHeader},
		{"HOSTILE 27: none and then another", `{"alg":"none","alg":"HS256"}`, errHeader},
		{"HOSTILE 27: twice by escape", `{"alg":"HS256","\u0061lg":"none"}`, errHeader},
		{"HOSTILE 28: lower case", `{"alg":"hs256"}`, errAlgorithm},
		{"HOSTILE 29: crit", `{"alg":"HS256","crit":["exp"]}`, errExtension},
		{"HOSTILE 29: crit empty", `{"alg":"HS256","crit":[]}`, errExtension},
		{"HOSTILE 29: crit null", `{"alg":"HS256","crit":null}`, errExtension},
		{"HOSTILE 29: crit of another type", `{"alg":"HS256","crit":"exp"}`, errExtension},
		{"HOSTILE 29: b64", `{"alg":"HS256","crit":["b64"],"b64":false}`, errExtension},
		{"HOSTILE 29: b64 without crit", `{"alg":"HS256","b64":false}`, errExtension},
		{"HOSTILE 30: keys and where to get them", `{"alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/","jwk":{"kty":"oct","k":"AA"},"x5c":["AA"]}`, nil},
		{"HOSTILE 31: kid missing", `{"alg":"HS256"}`, nil},
		{"HOSTILE 31: kid empty", `{"alg":"HS256","kid":""}`, errKeyID},
		{"HOSTILE 31: kid null", `{"alg":"HS256","kid":null}`, errKeyID},
		{"HOSTILE 31: kid a number", `{"alg":"HS256","kid":1}`, errKeyID},
		{"HOSTILE 31: kid an array", `{"alg":"HS256","kid":["a"]}`, errKeyID},
		{"HOSTILE 31: kid too long", `{"alg":"HS256","kid":"` + long + `"}`, errKeyID},
		{"HOSTILE 31: kid with NUL", `{"alg":"HS256","kid":"a\u0000"}`, errKeyID},
		{"HOSTILE 31: kid with a line end", `{"alg":"HS256","kid":"a\n"}`, errKeyID},
		{"HOSTILE 31: kid a path, which names no key here", `{"alg":"HS256","kid":"../../dev/null"}`, nil},
		{"HOSTILE 31: kid SQL, which names no key here", `{"alg":"HS256","kid":"' OR 1=1 --"}`, nil},
		{"HOSTILE 33: typ dpop+jwt", `{"alg":"HS256","typ":"dpop+jwt"}`, errType},
		{"HOSTILE 33: typ secevent+jwt", `{"alg":"HS256","typ":"secevent+jwt"}`, errType},
		{"HOSTILE 33: typ logout+jwt", `{"alg":"HS256","typ":"logout+jwt"}`, errType},
		{"HOSTILE 33: typ a number", `{"alg":"HS256","typ":1}`, errType},
		{"HOSTILE 33: typ null", `{"alg":"HS256","typ":null}`, errType},
		{"HOSTILE 33: typ empty", `{"alg":"HS256","typ":""}`, errType},
		{"typ refresh", `{"alg":"HS256","typ":"refresh"}`, errType},
		{"typ JWT", `{"alg":"HS256","typ":"JWT"}`, nil},
		{"typ jwt", `{"alg":"HS256","typ":"jwt"}`, nil},
		{"typ at+jwt", `{"alg":"HS256","typ":"at+jwt"}`, nil},
		{"typ AT+JWT with application", `{"alg":"HS256","typ":"APPLICATION/AT+JWT"}`, nil},
		{"HOSTILE 34: nested token", `{"alg":"HS256","cty":"JWT"}`, errExtension},
		{"HOSTILE 35: zip", `{"alg":"HS256","zip":"DEF"}`, errExtension},
		{"HOSTILE 40: no object", `null`, errHeader},
		{"HOSTILE 40: a string", `"HS256"`, errHeader},
		{"HOSTILE 40: two objects", `{"alg":"HS256"}{}`, errHeader},
		{"HOSTILE 40: invalid UTF-8", "{\"alg\":\"HS256\",\"x\":\"\xff\"}", errHeader},
		{"HOSTILE 42: Alg", `{"alg":"HS256","Alg":"none"}`, errLookalike},
		{"HOSTILE 42: only ALG", `{"ALG":"HS256"}`, errLookalike},
		{"HOSTILE 42: Kelvin sign id", `{"alg":"HS256","\u212aid":"a"}`, errLookalike},
		{"HOSTILE 42: Crit", `{"alg":"HS256","Crit":["exp"]}`, errLookalike},
		{"HOSTILE 43: nested deeply", `{"alg":"HS256","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, errHeader},
		{"unknown fields", `{"alg":"HS256","x5t#S256":"AA","nonce":1,"é":[{}]}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := signPlain(t, c.header, plainClaims)
			if c.err != nil {
				requireRefused(t, b, token, c.err)
			} else {
				requireAccepted(t, b, token)
			}
		})
	}
	t.Run("HOSTILE 23: none without a signature", func(t *testing.T) {
		token := signPlain(t, `{"alg":"none"}`, plainClaims)
		requireRefused(t, b, token[:strings.LastIndexByte(token, '.')+1], errShape)
	})
	t.Run("HOSTILE 33: another type where at+jwt is required", func(t *testing.T) {
		b := newTestBackend(t, func(c *Config) { c.Type = "at+jwt" })
		requireRefused(t, b, signPlain(t, plainHeader, plainClaims), errType)
		requireRefused(t, b, signPlain(t, `{"alg":"HS256"}`, plainClaims), errType)
		requireAccepted(t, b, signPlain(t, `{"alg":"HS256","typ":"at+jwt"}`, plainClaims))
		requireAccepted(t, b, signPlain(t, `{"alg":"HS256","typ":"application/AT+JWT"}`, plainClaims))
	})
}

// HOSTILE 24: what anybody can know of a key pair, used as a secret.
func TestPublicKeyAsSecret(t *testing.T) {
	for _, alg := range []string{"RS256", "ES256", "EdDSA"} {
		config := verifyConfig(t, alg)
		b, err := New(config)
		require.NoError(t, err)
		text := publicPEM(t, signingKey(alg))
		block, _ := pem.Decode(text)
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		require.NoError(t, err)
		jwk, err := json.Marshal(public)
		require.NoError(t, err)
		for name, secret := range map[string][]byte{
			"PEM": text, "PEM without line end": text[:len(text)-1], "DER": block.Bytes, "JWK": jwk, "body": []byte(base64.StdEncoding.EncodeToString(block.Bytes)),
		} {
			t.Run(alg+" "+name, func(t *testing.T) {
				requireRefused(t, b, sign(t, "HS256", secret, plainHeader, plainClaims), errAlgorithm)
				requireRefused(t, b, sign(t, "HS256", secret, fmt.Sprintf(`{"alg":%q}`, alg), plainClaims), errSignature)
			})
		}
	}
}

// Each algorithm against the token of each other: HOSTILE 25, 26.
func TestAlgorithms(t *testing.T) {
	for _, a := range algorithms {
		b, err := New(verifyConfig(t, a.name))
		require.NoError(t, err)
		for _, other := range algorithms {
			t.Run("a token of "+other.name+" where "+a.name+" is configured", func(t *testing.T) {
				header := fmt.Sprintf(`{"alg":%q}`, other.name)
				token := sign(t, other.name, signingKey(other.name), header, plainClaims)
				if other == a {
					assert.Equal(t, "42", requireAccepted(t, b, token).UserID())
					requireRefused(t, b, token[:len(token)-8]+"AAAAAAAA", errSignature)
					return
				}
				requireRefused(t, b, token, errAlgorithm)

				header = fmt.Sprintf(`{"alg":%q}`, a.name) // says what is expected, but is signed by another
				requireRefused(t, b, sign(t, other.name, signingKey(other.name), header, plainClaims), errSignature)
			})
		}
	}
}

func TestSeveralAlgorithmsAndKeys(t *testing.T) {
	keys, err := ParsePEM(publicPEM(t, rsaKey()), publicPEM(t, ecKey()), publicPEM(t, otherRSAKey()))
	require.NoError(t, err)
	b := newTestBackend(t, func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, keys, []string{"RS256", "ES256"} })
	requireAccepted(t, b, sign(t, "RS256", rsaKey(), `{"alg":"RS256"}`, plainClaims))
	requireAccepted(t, b, sign(t, "RS256", otherRSAKey(), `{"alg":"RS256","kid":"x"}`, plainClaims))
	requireAccepted(t, b, sign(t, "ES256", ecKey(), `{"alg":"ES256"}`, plainClaims))
	requireRefused(t, b, sign(t, "PS256", rsaKey(), `{"alg":"PS256"}`, plainClaims), errAlgorithm)
	stranger := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	requireRefused(t, b, sign(t, "ES256", stranger, `{"alg":"ES256"}`, plainClaims), errSignature)
}

// The signature verifier must agree with golang-jwt's own for HMAC, which it
// does not use.
func TestHMACIsThatOfGolangJWT(t *testing.T) {
	for _, alg := range []string{"HS256", "HS384", "HS512"} {
		a := algorithmByName(alg)
		v := newVerifier(a, testSecret, identity{})
		for size := range 300 {
			text := strings.Repeat("x", size)
			signature, err := a.method.Sign(text, testSecret)
			require.NoError(t, err)
			require.True(t, v.holds(text, []byte(text), signature))
			signature[size%len(signature)] ^= 1
			require.False(t, v.holds(text, []byte(text), signature))
			require.Error(t, a.method.Verify(text, signature, testSecret))
		}
	}
}

func TestShape(t *testing.T) {
	b := newTestBackend(t, nil)
	good := signPlain(t, plainHeader, plainClaims)
	parts := strings.Split(good, ".")
	header, claims, signature := parts[0], parts[1], parts[2]
	join := func(parts ...string) string { return strings.Join(parts, ".") }
	last := good[len(good)-1:]
	cases := []struct {
		name  string
		token string
		err   error
	}{
		{"HOSTILE 34: five parts", join(header, claims, signature, "AAAA", "AAAA"), errShape},
		{"HOSTILE 34: four parts", join(header, claims, signature, "AAAA"), errShape},
		{"HOSTILE 34: dot at the end", good + ".", errShape},
		{"HOSTILE 34: dot at the beginning", "." + good, errShape},
		{"HOSTILE 34: two parts", join(header, claims), errShape},
		{"HOSTILE 34: one part", header, errShape},
		{"HOSTILE 34: JSON serialisation", `{"protected":"` + header + `","payload":"` + claims + `","signature":"` + signature + `"}`, errShape},
		{"HOSTILE 34: detached payload", join(header, "", signature), errShape},
		{"HOSTILE 34: no header", join("", claims, signature), errShape},
		{"HOSTILE 36: padded", good + "=", errShape},
		{"HOSTILE 36: padded claims", join(header, claims+"==", signature), errShape},
		{"HOSTILE 36: standard alphabet", join(header, claims, strings.NewReplacer("-", "+", "_", "/").Replace(signature[:40])+"+/A"), errShape},
		{"HOSTILE 36: line end inside", join(header, claims[:8]+"\n"+claims[8:], signature), errShape},
		{"HOSTILE 36: line end instead of a character", join(header, claims[:8]+"\n"+claims[9:], signature), errShape},
		{"HOSTILE 36: four line ends", join(header, claims[:8]+"\n\r\n\r"+claims[8:], signature), errShape},
		{"HOSTILE 36: line end at the end", good + "\n", errShape},
		{"HOSTILE 36: carriage return at the end", good + "\r", errShape},
		{"HOSTILE 36: a space inside", join(header, claims[:8]+" "+claims[8:], signature), errShape},
		{"HOSTILE 37: last character with spare bits", good[:len(good)-1] + spare(last), errShape},
		{"HOSTILE 37: one character beyond", good + "A", errSignature},
		{"HOSTILE 37: two characters beyond", good + "AA", errShape},
		{"HOSTILE 39: no signature", join(header, claims, ""), errShape},
		{"HOSTILE 39: signature of another token", join(header, claims, strings.Split(signPlain(t, plainHeader, with("sub", `"43"`)), ".")[2]), errSignature},
		{"HOSTILE 39: one byte of it", join(header, claims, signature[:2]), errShape},
		{"HOSTILE 39: one byte", join(header, claims, "AA"), errSignature},
		{"HOSTILE 39: all but the last bytes", join(header, claims, signature[:40]), errSignature},
		{"HOSTILE 39: more than the signature", join(header, claims, base64.RawURLEncoding.EncodeToString(append(must(base64.RawURLEncoding.DecodeString(signature)), 0))), errSignature},
		{"HOSTILE 116: another payload under a good signature", join(header, base64.RawURLEncoding.EncodeToString([]byte(with("sub", `"1"`))), signature), errSignature},
		{"another header under a good signature", join(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)), claims, signature), errSignature},
	}
	requireAccepted(t, b, good)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { requireRefused(t, b, c.token, c.err) })
	}
	requireAccepted(t, b, good) // what was refused left nothing behind

	t.Run("HOSTILE 15: too long", func(t *testing.T) {
		long := signPlain(t, plainHeader, with("x", `"`+strings.Repeat("x", maxToken)+`"`))
		requireRefused(t, b, long, runtime.ErrInvalidCredentials)
		assert.ErrorIs(t, new(scratch).parse(long, new(token), &usualNames), errSize)
	})
}

// spare returns the character with the lowest of its bits, which no byte of the
// signature needs, the other way round.
func spare(character string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.Index(alphabet, character)
	return string(alphabet[i^1])
}

func TestECDSASignatures(t *testing.T) {
	b, err := New(verifyConfig(t, "ES256"))
	require.NoError(t, err)
	good := sign(t, "ES256", ecKey(), `{"alg":"ES256"}`, plainClaims)
	cut := strings.LastIndexByte(good, '.') + 1
	signature := must(base64.RawURLEncoding.DecodeString(good[cut:]))
	replaced := func(signature []byte) string { return good[:cut] + base64.RawURLEncoding.EncodeToString(signature) }
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	n := elliptic.P256().Params().N

	digest := sha256.Sum256([]byte(good[:cut-1]))
	der := must(ecdsa.SignASN1(rand.Reader, ecKey(), digest[:]))
	for name, signature := range map[string][]byte{
		"HOSTILE 38: r = 0, s = 0": make([]byte, 64),
		"HOSTILE 38: r = n, s = n": append(n.FillBytes(make([]byte, 32)), n.FillBytes(make([]byte, 32))...),
		"HOSTILE 38: r + n":        append(new(big.Int).Add(r, n).Bytes(), signature[32:]...),
		"HOSTILE 38: DER":          der,
		"HOSTILE 38: 63 bytes":     signature[:63],
		"HOSTILE 38: 65 bytes":     append(slices.Clone(signature), 0),
		"HOSTILE 38: 128 bytes":    append(slices.Clone(signature), make([]byte, 64)...),
		"HOSTILE 38: s, r":         append(slices.Clone(signature[32:]), signature[:32]...),
	} {
		t.Run(name, func(t *testing.T) { requireRefused(t, b, replaced(signature), errSignature) })
	}
	t.Run("HOSTILE 38, 61: (r, n-s) is a second text of the token, and the same token to all that follows", func(t *testing.T) {
		twin := replaced(append(slices.Clone(signature[:32]), new(big.Int).Sub(n, s).FillBytes(make([]byte, 32))...))
		require.NotEqual(t, good, twin)
		one, err := TokenOf(requireAccepted(t, b, good))
		require.NoError(t, err)
		other, err := TokenOf(requireAccepted(t, b, twin))
		require.NoError(t, err)
		assert.Equal(t, one, other)
	})
}

func TestClaims(t *testing.T) {
	b := newTestBackend(t, nil)
	long := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	cases := []struct {
		name   string
		claims string
		err    error // nil: accepted
	}{
		{"HOSTILE 40: null", `null`, errClaims},
		{"HOSTILE 40: array", `[]`, errClaims},
		{"HOSTILE 40: string", `"x"`, errClaims},
		{"HOSTILE 40: number", `123`, errClaims},
		{"HOSTILE 40: white space", ` `, errClaims},
		{"HOSTILE 40: no claim", `{}`, errSubject},
		{"HOSTILE 40: invalid UTF-8", with("name", "\"\xff\""), errClaims},
		{"HOSTILE 40: byte order mark", "\ufeff" + plainClaims, errClaims},
		{"HOSTILE 40: trailing garbage", plainClaims + "x", errClaims},
		{"HOSTILE 40: trailing NUL", plainClaims + "\x00", errClaims},
		{"HOSTILE 40: two objects", plainClaims + plainClaims, errClaims},
		{"white space around", "\n " + plainClaims + " \r\n", nil},
		{"HOSTILE 41: sub twice", `{"sub":"1",` + plainClaims[1:], errClaims},
		{"HOSTILE 41: exp twice", `{"exp":9999999999,` + plainClaims[1:], errClaims},
		{"HOSTILE 41: aud twice", `{"aud":"a","aud":"b",` + plainClaims[1:], errClaims},
		{"HOSTILE 41: an unknown claim twice", `{"x":1,"x":1,` + plainClaims[1:], errClaims},
		{"HOSTILE 42: EXP", with("EXP", "9999999999"), errLookalike},
		{"HOSTILE 42: EXP only", with("EXP", "9999999999", "exp", ""), errLookalike},
		{"HOSTILE 42: SUB", with("SUB", `"1"`), errLookalike},
		{"HOSTILE 42: Is_Superuser", with("Is_Superuser", "true"), errLookalike},
		{"HOSTILE 42: long s in sub", with("ſub", `"1"`), errLookalike},
		{"HOSTILE 42: long s in sub, escaped", `{"\u017fub":"1",` + plainClaims[1:], errLookalike},
		{"HOSTILE 42: Kelvin sign in token_type", `{"to\u212aen_type":"x",` + plainClaims[1:], errLookalike},
		{"HOSTILE 42: other names may be written as they like", with("Name", `"x"`, "é", "1", "https://example.com/X", "{}"), nil},
		{"HOSTILE 43: nested 2,000 deep", with("x", strings.Repeat("[", 2000)+strings.Repeat("]", 2000)), errClaims},
		{"HOSTILE 43: 1,000 claims", `{` + manyClaims(1000) + `,` + plainClaims[1:], errClaims},
		{"HOSTILE 43: 1,000 claims inside", with("x", `{`+manyClaims(1000)+`}`), errClaims},
		{"HOSTILE 44: 1e400", with("x", "1e400"), errClaims},
		{"HOSTILE 44: NaN", with("x", "NaN"), errClaims},
		{"HOSTILE 44: -0 that nobody reads", with("x", "-0"), nil},
		{"HOSTILE 44: 9.3e18 that nobody reads", with("x", "9300000000000000000"), nil},
		{"HOSTILE 44: -0 as a date", with("iat", "-0"), errIssuedAt},
		{"HOSTILE 44: 9.3e18 as a date", with("exp", "9.3e18"), errExpiry},

		{"HOSTILE 45: no exp", with("exp", ""), errExpiry},
		{"HOSTILE 45: exp 0", with("exp", "0", "iat", ""), errExpired},
		{"HOSTILE 45: exp null", with("exp", "null"), errExpiry},
		{"HOSTILE 45: exp a string", with("exp", `"9999999999"`), errExpiry},
		{"HOSTILE 45: exp -1", with("exp", "-1"), errExpiry},
		{"HOSTILE 45: exp 1e300", with("exp", "1e300"), errExpiry},
		{"HOSTILE 45: exp in ms", with("exp", "1750003600000"), errExpiry},
		{"HOSTILE 45: exp after the year 9999", with("exp", "253402300800"), errExpiry},
		{"HOSTILE 45: exp at the end of the year 9999", with("exp", "253402300799"), nil},
		{"HOSTILE 45: exp beyond 64 bits", with("exp", "18446744073709551617"), errExpiry},
		{"HOSTILE 45: exp true", with("exp", "true"), errExpiry},
		{"HOSTILE 45: exp an array", with("exp", "[1750003600]"), errExpiry},
		{"HOSTILE 45: exp with a fraction", with("exp", "1750003600.5"), nil},
		{"HOSTILE 45: exp with an exponent", with("exp", "1.7500036e9"), nil},
		{"HOSTILE 45: exp with a fraction, over", with("exp", "1749999999.9", "iat", ""), errExpired},
		{"HOSTILE 45: exp with a fraction, not yet over", with("exp", "1750000000.1", "iat", ""), nil},
		{"HOSTILE 46: exp now", with("exp", "1750000000", "iat", ""), errExpired},
		{"HOSTILE 46: exp a second ahead", with("exp", "1750000001"), nil},
		{"HOSTILE 47: nbf ahead", with("nbf", "1750000001"), errEarly},
		{"HOSTILE 47: nbf now", with("nbf", "1750000000"), nil},
		{"HOSTILE 47: nbf a string", with("nbf", `"1"`), errNotBefore},
		{"HOSTILE 47: nbf null", with("nbf", `null`), errNotBefore},
		{"HOSTILE 47: nbf 1e300", with("nbf", "1e300"), errNotBefore},
		{"HOSTILE 48: iat 60 s ahead", with("iat", "1750000060"), nil},
		{"HOSTILE 48: iat 61 s ahead", with("iat", "1750000061"), errFuture},
		{"HOSTILE 48: iat missing", with("iat", ""), nil},
		{"HOSTILE 48: iat after exp", with("exp", "1750000010", "iat", "1750000020"), errIssuedAt},
		{"HOSTILE 48: iat a string", with("iat", `"1750000000"`), errIssuedAt},
		{"HOSTILE 49: aud where none is configured", with("aud", `"api"`), errNoAudience},
		{"HOSTILE 49: aud null where none is configured", with("aud", `null`), errAudience},
		{"iss where none is configured", with("iss", `"https://issuer.example"`), nil},
		{"HOSTILE 50: iss empty", with("iss", `""`), errIssuer},
		{"HOSTILE 50: iss null", with("iss", `null`), errIssuer},
		{"HOSTILE 50: iss an array", with("iss", `["a"]`), errIssuer},

		{"HOSTILE 51: sub missing", with("sub", ""), errSubject},
		{"HOSTILE 51: sub empty", with("sub", `""`), errSubject},
		{"HOSTILE 51: sub null", with("sub", `null`), errSubject},
		{"HOSTILE 51: sub a number", with("sub", `42`), errSubject},
		{"HOSTILE 51: sub an array", with("sub", `["42"]`), errSubject},
		{"HOSTILE 51: sub with NUL", with("sub", `"42\u0000"`), errSubject},
		{"HOSTILE 51: sub with a line end", with("sub", `"42\n"`), errSubject},
		{"HOSTILE 51: sub with U+FFFD", with("sub", `"a\ufffd"`), errSubject},
		{"HOSTILE 51: sub with a lone surrogate", with("sub", `"a\ud800"`), errClaims},
		{"HOSTILE 51: sub 0", with("sub", `"0"`), errSubject},
		{"HOSTILE 51: sub with a space before", with("sub", `" 1"`), errSubject},
		{"HOSTILE 51: sub with a space behind", with("sub", `"1 "`), errSubject},
		{"HOSTILE 51: sub with a zero-width space", with("sub", `"1\u200b"`), errSubject},
		{"HOSTILE 51: sub with a no-break space", with("sub", `"\u00a01"`), errSubject},
		{"HOSTILE 51: sub with a direction override", with("sub", `"a\u202eb"`), errSubject},
		{"HOSTILE 51: sub of 500 characters", with("sub", long(500)), errSubject},
		{"HOSTILE 51: sub of 256 characters", with("sub", long(256)), errSubject},
		{"sub of 255 characters", with("sub", long(255)), nil},
		{"sub with a space inside", with("sub", `"Zoë van Zoë"`), nil},
		{"sub 00", with("sub", `"00"`), nil},
		{"HOSTILE 122: sub of an API key", with("sub", `"apikey:ci"`), errReserved},
		{"HOSTILE 122: sub of an API key in other letters", with("sub", `"ApiKey:ci"`), errReserved},
		{"HOSTILE 122: sub of an API key by escape", with("sub", `"apikey\u003aci"`), errReserved},
		{"sub that is nearly that of an API key", with("sub", `"apikeyci"`), nil},

		{"HOSTILE 52: jti missing", with("jti", ""), nil},
		{"HOSTILE 52: jti empty", with("jti", `""`), errTokenID},
		{"HOSTILE 52: jti null", with("jti", `null`), errTokenID},
		{"HOSTILE 52: jti an array", with("jti", `["a"]`), errTokenID},
		{"HOSTILE 52: jti a number", with("jti", `1`), errTokenID},
		{"HOSTILE 52: jti too long", with("jti", long(256)), errTokenID},
		{"HOSTILE 52: jti with an asterisk", with("jti", `"a*"`), errTokenID},
		{"HOSTILE 52: jti with a line end", with("jti", `"a\nb"`), errTokenID},
		{"HOSTILE 52: jti with a space", with("jti", `"a b"`), errTokenID},
		{"HOSTILE 52: jti not ASCII", with("jti", `"é"`), errTokenID},
		{"jti with a colon, as Keycloak and URNs have it", with("jti", `"urn:uuid:1"`), nil},
		{"fam a number", with("fam", `1`), errFamily},
		{"fam", with("fam", `"f"`), nil},

		{"HOSTILE 53: typ refresh", with("typ", `"refresh"`), errPurpose},
		{"HOSTILE 53: typ Refresh", with("typ", `"Refresh"`), errPurpose},
		{"HOSTILE 53: typ ID", with("typ", `"ID"`), errPurpose},
		{"HOSTILE 53: typ Offline", with("typ", `"Offline"`), errPurpose},
		{"HOSTILE 53: typ null", with("typ", `null`), errPurpose},
		{"HOSTILE 53: typ a list", with("typ", `["access"]`), errPurpose},
		{"HOSTILE 53: token_type refresh", with("token_type", `"refresh"`), errPurpose},
		{"HOSTILE 53: token_type sliding", with("token_type", `"sliding"`), errPurpose},
		{"HOSTILE 53: token_use id", with("token_use", `"id"`), errPurpose},
		{"HOSTILE 53: type refresh", with("type", `"refresh"`), errPurpose},
		{"HOSTILE 53: at_hash, of an ID token", with("at_hash", `"x"`), errPurpose},
		{"HOSTILE 53: c_hash, of an ID token", with("c_hash", `"x"`), errPurpose},
		{"HOSTILE 53: events, of a logout token", with("events", `{"http://schemas.openid.net/event/backchannel-logout":{}}`), errPurpose},
		{"typ access", with("typ", `"access"`), nil},
		{"typ Bearer", with("typ", `"Bearer"`), nil},
		{"token_type access", with("token_type", `"access"`), nil},
		{"token_use access", with("token_use", `"access"`), nil},
		{"type of something", with("type", `{"a":1}`), nil},

		{"HOSTILE 54: is_staff a string", with("is_staff", `"true"`), errFlag},
		{"HOSTILE 54: is_staff 1", with("is_staff", `1`), errFlag},
		{"HOSTILE 54: is_staff \"false\"", with("is_staff", `"false"`), errFlag},
		{"HOSTILE 54: is_staff null", with("is_staff", `null`), errFlag},
		{"HOSTILE 54: is_superuser a list", with("is_superuser", `[true]`), errFlag},
		{"HOSTILE 55: permissions a string", with("permissions", `"a b"`), errPermissions},
		{"HOSTILE 55: permissions an object", with("permissions", `{"a":true}`), errPermissions},
		{"HOSTILE 55: permissions null", with("permissions", `null`), errPermissions},
		{"HOSTILE 55: permissions with null", with("permissions", `["a",null]`), errPermissions},
		{"HOSTILE 55: permissions with a number", with("permissions", `[1]`), errPermissions},
		{"HOSTILE 55: permissions with an empty one", with("permissions", `["a",""]`), errPermissions},
		{"HOSTILE 55: 100,000 permissions", with("permissions", `[`+strings.Repeat(`"a",`, 100_000)+`"a"]`), runtime.ErrInvalidCredentials},
		{"permissions empty", with("permissions", `[]`), nil},
		{"scope a string", with("scope", `"read write"`), nil},
		{"scope a list", with("scope", `["read","write"]`), nil},
		{"scope null", with("scope", `null`), errScope},
		{"scope a number", with("scope", `1`), errScope},
		{"scope a list with null", with("scope", `["read",null]`), errScope},
		{"auth_time a string", with("auth_time", `"1"`), errAuthTime},
		{"auth_time", with("auth_time", `1749999999`), nil},
		{"HOSTILE 60: bound to a DPoP key", with("cnf", `{"jkt":"x"}`), errBound},
		{"HOSTILE 60: bound to a certificate", with("cnf", `{"x5t#S256":"x"}`), errBound},
		{"HOSTILE 60: bound to null", with("cnf", `null`), errBound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := signPlain(t, plainHeader, c.claims)
			if c.err != nil {
				requireRefused(t, b, token, c.err)
			} else {
				requireAccepted(t, b, token)
			}
		})
	}
}

func manyClaims(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"c%d":1`, i))
	}
	return strings.Join(all, ",")
}

func TestLeeway(t *testing.T) { // HOSTILE 46
	b := newTestBackend(t, func(c *Config) { c.Leeway = 30 * time.Second })
	requireAccepted(t, b, signPlain(t, plainHeader, with("exp", "1750000000", "iat", "")))
	requireAccepted(t, b, signPlain(t, plainHeader, with("exp", "1749999971", "iat", "")))
	requireRefused(t, b, signPlain(t, plainHeader, with("exp", "1749999970", "iat", "")), errExpired)
	requireRefused(t, b, signPlain(t, plainHeader, with("exp", "1749999969", "iat", "")), errExpired)
	requireAccepted(t, b, signPlain(t, plainHeader, with("nbf", "1750000030")))
	requireRefused(t, b, signPlain(t, plainHeader, with("nbf", "1750000031")), errEarly)
	requireAccepted(t, b, signPlain(t, plainHeader, with("iat", "1750000090")))
	requireRefused(t, b, signPlain(t, plainHeader, with("iat", "1750000091")), errFuture)
}

func TestMaxAge(t *testing.T) { // HOSTILE 48
	b := newTestBackend(t, func(c *Config) { c.MaxAge, c.Leeway = time.Minute, time.Second })
	requireAccepted(t, b, signPlain(t, plainHeader, with("iat", "1749999939")))
	requireRefused(t, b, signPlain(t, plainHeader, with("iat", "1749999938")), errAge)
	requireRefused(t, b, signPlain(t, plainHeader, with("iat", "")), errAge)
}

func TestClockJumps(t *testing.T) { // HOSTILE 74
	now := testNow
	b := newTestBackend(t, func(c *Config) { c.Now = func() time.Time { return now } })
	token := signPlain(t, plainHeader, plainClaims)
	requireAccepted(t, b, token)
	now = testNow.Add(time.Hour)
	requireRefused(t, b, token, errExpired)
	now = testNow.Add(-time.Hour)
	requireRefused(t, b, token, errFuture)
	now = testNow
	requireAccepted(t, b, token)
}

func TestAudience(t *testing.T) { // HOSTILE 49
	b := newTestBackend(t, func(c *Config) { c.Audience = []string{"api", "other-api"} })
	for aud, want := range map[string]error{
		"": errAudience, `""`: errAudience, `[]`: errAudience, `[1,"api"]`: errAudience, `["api",null]`: errAudience, `{"x":1}`: errAudience,
		`{"api":1}`: errAudience, `null`: errAudience, `1`: errAudience, `true`: errAudience, `"api "`: errAudience, `"API"`: errAudience,
		`"ap"`: errAudience, `"apis"`: errAudience, `["x","y"]`: errAudience, `[["api"]]`: errAudience, `["api",""]`: errAudience,
		`"api"`: nil, `["api"]`: nil, `"other-api"`: nil, `["x","api"]`: nil, `["x", "other-api", "y"]`: nil, `"\u0061pi"`: nil,
	} {
		t.Run(aud, func(t *testing.T) {
			token := signPlain(t, plainHeader, with("aud", aud))
			if want != nil {
				requireRefused(t, b, token, want)
			} else {
				requireAccepted(t, b, token)
			}
		})
	}
}

func TestIssuerClaim(t *testing.T) { // HOSTILE 50
	b := newTestBackend(t, func(c *Config) { c.Issuer = "https://issuer.example" })
	for iss, want := range map[string]error{
		"": errIssuer, `""`: errIssuer, `"https://issuer.example/"`: errIssuer, `"https://ISSUER.example"`: errIssuer,
		`"https://issuer.example.evil"`: errIssuer, `"https://ıssuer.example"`: errIssuer, `"https://issuer.exampl"`: errIssuer,
		`["https://issuer.example"]`: errIssuer, `null`: errIssuer, `"https://issuer.example"`: nil,
	} {
		t.Run(iss, func(t *testing.T) {
			token := signPlain(t, plainHeader, with("iss", iss))
			if want != nil {
				requireRefused(t, b, token, want)
			} else {
				requireAccepted(t, b, token)
			}
		})
	}
}

func TestPrincipal(t *testing.T) {
	b := newTestBackend(t, nil)
	p := requireAccepted(t, b, signPlain(t, plainHeader, with(
		"is_staff", "true", "is_superuser", "true", "permissions", `["blog.view_article","blog.*","BLOG.add_article"]`,
		"auth_time", "1749999000.25", "scope", `"read write"`, "nested", `{"a":[1,"x",null,true]}`, "big", "9007199254740993", "username", `"alice"`,
	)))
	assert.Equal(t, "42", p.UserID())
	assert.True(t, p.IsStaff())
	assert.True(t, p.IsSuperuser())
	assert.False(t, p.Ambient())
	assert.Equal(t, testNow.Add(-1000*time.Second+250*time.Millisecond), p.AuthTime())
	assert.True(t, p.HasScope(runtime.NewScope("read")))
	assert.False(t, p.HasScope(runtime.NewScope("admin")))
	assert.True(t, p.HasPermission("blog.view_article"))
	assert.False(t, p.HasPermission("blog.add_article"), "HOSTILE 55: a pattern is no pattern, and case counts")
	assert.True(t, p.Has(runtime.NewPermission("blog.view_article")))

	for name, want := range map[string]any{
		"username": "alice", "big": json.Number("9007199254740993"), "exp": json.Number("1750003600"), "is_staff": true,
		"nested": map[string]any{"a": []any{json.Number("1"), "x", nil, true}},
	} {
		got, ok := p.Claim(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	_, ok := p.Claim("absent")
	assert.False(t, ok)

	t.Run("HOSTILE 109: nobody can change it", func(t *testing.T) {
		p.Permissions()[0] = "changed"
		nested, _ := p.Claim("nested")
		nested.(map[string]any)["a"].([]any)[0] = "changed"
		assert.True(t, p.HasPermission("blog.view_article"))
		again, _ := p.Claim("nested")
		assert.Equal(t, json.Number("1"), again.(map[string]any)["a"].([]any)[0])
	})
	t.Run("none of it by default", func(t *testing.T) {
		p := requireAccepted(t, b, signPlain(t, plainHeader, plainClaims))
		assert.False(t, p.IsStaff())
		assert.False(t, p.IsSuperuser())
		assert.Empty(t, p.Permissions())
		assert.True(t, p.AuthTime().IsZero())
		assert.False(t, p.HasScope(runtime.NewScope("read")))
	})
	t.Run("HOSTILE 112: nothing prints the token", func(t *testing.T) {
		token := signPlain(t, plainHeader, plainClaims)
		p := requireAccepted(t, b, token)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			for part := range strings.SplitSeq(token, ".") {
				assert.NotContains(t, fmt.Sprintf(verb, p), part)
			}
		}
	})
}

func TestRequireJTI(t *testing.T) { // HOSTILE 52
	b := newTestBackend(t, func(c *Config) { c.RequireJTI = true })
	requireRefused(t, b, signPlain(t, plainHeader, with("jti", "")), errTokenID)
	requireAccepted(t, b, signPlain(t, plainHeader, plainClaims))
}

func TestChallenge(t *testing.T) {
	b := newTestBackend(t, nil)
	assert.Equal(t, `Bearer realm="api"`, b.Challenge(nil, runtime.ErrNoCredentials))
	assert.Equal(t, `Bearer realm="api"`, b.Challenge(nil, runtime.ErrUnavailable))
	assert.Equal(t, `Bearer realm="api"`, b.Challenge(nil, nil))
	assert.Equal(t, genericChallenge, b.Challenge(nil, runtime.ErrInvalidCredentials))
	assert.Equal(t, genericChallenge, b.Challenge(nil, errExpired), "HOSTILE 113")
	assert.Equal(t, genericChallenge, b.Challenge(nil, runtime.ErrRevoked), "HOSTILE 113")
}

func TestNotMade(t *testing.T) { // HOSTILE 124
	token := signPlain(t, plainHeader, plainClaims)
	for name, b := range map[string]*Backend{"zero": {}, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*http.Request{
				{Header: http.Header{"Authorization": {"Bearer " + token}}}, {Header: http.Header{"": {"Bearer " + token}}}, {},
			} {
				p, err := b.Authenticate(r)
				assert.ErrorIs(t, err, errNotMade)
				assert.NotErrorIs(t, err, runtime.ErrNoCredentials, "another backend could answer")
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "another backend could answer")
				assert.Nil(t, p)
			}
			assert.Equal(t, "jwt", b.Name())
			assert.NotEmpty(t, b.Challenge(nil, nil))
		})
	}
}

// Besides the text, the permissions and the principal nothing is allocated.
func TestColdAllocations(t *testing.T) {
	b := newTestBackend(t, nil)
	for claims, most := range map[string]float64{
		with("permissions", `["a","b","c"]`, "is_staff", "true", "username", `"alice"`): 3,
		with("permissions", `["a","b","c"]`, "scope", `"read write"`):                   5,
	} {
		r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + signPlain(t, plainHeader, claims)}}}
		assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			if _, err := b.Authenticate(r); err != nil {
				panic(err)
			}
		}), most+poolLosses)
	}
}

func TestRefusingAllocatesLess(t *testing.T) { // HOSTILE 15
	b := newTestBackend(t, nil)
	good := signPlain(t, plainHeader, plainClaims)
	for name, token := range map[string]string{
		"oversized": strings.Repeat("A", 1<<20), "no token": "x", "bad signature": good[:len(good)-4] + "AAAA", "expired": signPlain(t, plainHeader, with("exp", "1", "iat", "")),
	} {
		r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
		assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = b.Authenticate(r) }), 2.0+poolLosses, name)
	}
}

// A token of golang-jwt, as an application would make it.
func TestTokensOfGolangJWT(t *testing.T) {
	b := newTestBackend(t, func(c *Config) { c.Issuer, c.Audience = "me", []string{"api"} })
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: "42", Issuer: "me", Audience: jwt.ClaimStrings{"api", "b"}, ID: "1",
		ExpiresAt: jwt.NewNumericDate(testNow.Add(time.Hour)), IssuedAt: jwt.NewNumericDate(testNow), NotBefore: jwt.NewNumericDate(testNow),
	}).SignedString(testSecret)
	require.NoError(t, err)
	requireAccepted(t, b, token)
}

func TestKnownHeader(t *testing.T) {
	b := newTestBackend(t, nil)
	encoded := func(header string) string { return base64.RawURLEncoding.EncodeToString([]byte(header)) }
	first, other := `{"alg":"HS256","kid":"1"}`, `{"kid":"2","alg":"HS256"}`

	forged := sign(t, "HS256", []byte("another secret, which is long enough too"), first, plainClaims)
	requireRefused(t, b, forged, errSignature)
	assert.Nil(t, b.known.Load(), "a forged token is not remembered")

	requireAccepted(t, b, signPlain(t, first, plainClaims))
	assert.Equal(t, &knownHeader{encoded: encoded(first), header: header{alg: "HS256", kid: "1"}}, b.known.Load())
	requireRefused(t, b, sign(t, "HS256", []byte("another secret, which is long enough too"), other, plainClaims), errSignature)
	assert.Equal(t, encoded(first), b.known.Load().encoded, "nor does it push out one that held")

	requireRefused(t, b, forged, errSignature)
	requireRefused(t, b, signPlain(t, first, with("exp", "1", "iat", "")), errExpired)
	requireRefused(t, b, signPlain(t, `{"alg":"none","kid":"1"}`, plainClaims), errAlgorithm)
	requireAccepted(t, b, signPlain(t, other, plainClaims))
	assert.Equal(t, encoded(other), b.known.Load().encoded)
	requireAccepted(t, b, signPlain(t, first, plainClaims))
}
