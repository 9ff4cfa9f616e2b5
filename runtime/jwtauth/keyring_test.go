package jwtauth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ringOf returns an issuer and a backend with one ring, at a time that can be
// moved.
func ringOf(t testing.TB, ring *KeyRing, algorithms ...string) (*Issuer, *Backend, *atomic.Int64) {
	t.Helper()
	var after atomic.Int64
	now := func() time.Time { return testNow.Add(time.Duration(after.Load())) }
	issuer, err := NewIssuer(IssuerConfig{Keys: ring, Issuer: "me", Now: now})
	require.NoError(t, err)
	b, err := New(Config{Keys: ring, Algorithms: algorithms, Issuer: "me", Now: now})
	require.NoError(t, err)
	return issuer, b, &after
}

func issue(t testing.TB, issuer *Issuer) string {
	t.Helper()
	token, err := issuer.Token(User{ID: "42", Username: "x"}, TokenOptions{})
	require.NoError(t, err)
	return token
}

// headerOf returns the header of a token, as encoding/json reads it.
func headerOf(t testing.TB, token string) (header map[string]any) {
	t.Helper()
	encoded, _, _ := strings.Cut(token, ".")
	require.NoError(t, json.Unmarshal(must(base64.RawURLEncoding.DecodeString(encoded)), &header))
	return header
}

func TestNewKeyRingRefuses(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	good := SigningKey{Algorithm: "ES256", PrivateKey: ecKey()}
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	mixed := slices.Clone(edKey())
	mixed[40] ^= 1
	zeroed := &ecdsa.PrivateKey{PublicKey: ecKey().PublicKey}
	stranger := &ecdsa.PrivateKey{PublicKey: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)).PublicKey}
	zeroed.D, stranger.D = new(big.Int), big.NewInt(5) //lint:ignore SA1019 what is deprecated is all that makes such keys

	cases := []struct {
		name string
		keys []SigningKey
		want string
	}{
		{"no key", nil, "no key"},
		{"nothing", []SigningKey{{}}, "key 0: Algorithm: empty"},
		{"no algorithm", []SigningKey{good, {PrivateKey: rsaKey()}}, "key 1: Algorithm: empty"},
		{"HOSTILE 23: none", []SigningKey{{Algorithm: "none", PrivateKey: rsaKey()}}, `key 0: Algorithm: "none" is not supported`},
		{"HOSTILE 28: lower case", []SigningKey{{Algorithm: "es256", PrivateKey: ecKey()}}, `key 0: Algorithm: "es256" is not supported`},
		{"no key", []SigningKey{{Algorithm: "ES256"}}, "key 0: Algorithm: ES256 needs a PrivateKey"},
		{"no secret", []SigningKey{{ID: "a", Algorithm: "HS256"}}, "key 0: Secret: empty"},
		{"both", []SigningKey{{ID: "a", Algorithm: "HS256", Secret: testSecret, PrivateKey: ecKey()}}, "key 0: Secret: set beside PrivateKey"},
		{"a secret without ID", []SigningKey{{Algorithm: "HS256", Secret: testSecret}}, "key 0: ID: empty"},
		{"HOSTILE 57: short secret", []SigningKey{{ID: "a", Algorithm: "HS512", Secret: testSecret[:31]}}, "key 0: Secret: 31 bytes"},
		{"HOSTILE 24: HS256 with a private key", []SigningKey{{ID: "a", Algorithm: "HS256", PrivateKey: rsaKey()}}, "key 0: Algorithm: HS256 needs a Secret"},
		{"RS256 with a secret", []SigningKey{{ID: "a", Algorithm: "RS256", Secret: testSecret}}, "key 0: Algorithm: RS256 needs a PrivateKey"},
		{"HOSTILE 26: ES384 with P-256", []SigningKey{{Algorithm: "ES384", PrivateKey: ecKey()}}, "key 0: PrivateKey: *ecdsa.PrivateKey does not fit ES384"},
		{"a nil RSA key", []SigningKey{{Algorithm: "RS256", PrivateKey: (*rsa.PrivateKey)(nil)}}, "key 0: PrivateKey: nil"},
		{"a nil ECDSA key", []SigningKey{{Algorithm: "ES256", PrivateKey: (*ecdsa.PrivateKey)(nil)}}, "key 0: PrivateKey: nil"},
		{"a nil Ed25519 key", []SigningKey{{Algorithm: "EdDSA", PrivateKey: ed25519.PrivateKey(nil)}}, "key 0: PrivateKey: nil"},
		{"an empty RSA key", []SigningKey{{Algorithm: "RS256", PrivateKey: new(rsa.PrivateKey)}}, "key 0: PrivateKey: an RSA key without a modulus"},
		{"an empty ECDSA key", []SigningKey{{Algorithm: "ES256", PrivateKey: new(ecdsa.PrivateKey)}}, "key 0: PrivateKey: *ecdsa.PrivateKey does not fit ES256"},
		{"only a curve", []SigningKey{{Algorithm: "ES256", PrivateKey: &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: elliptic.P256()}}}}, "key 0: PrivateKey: not a point on its curve"},
		{"only the public half: RSA", []SigningKey{{Algorithm: "RS256", PrivateKey: &rsa.PrivateKey{PublicKey: rsaKey().PublicKey}}}, "key 0: PrivateKey: "},
		{"only the public half: ECDSA", []SigningKey{{Algorithm: "ES256", PrivateKey: zeroed}}, "key 0: PrivateKey: "},
		{"halves of two keys: ECDSA", []SigningKey{{Algorithm: "ES256", PrivateKey: stranger}}, "key 0: PrivateKey: its public half is that of another key"},
		{"halves of two keys: Ed25519", []SigningKey{{Algorithm: "EdDSA", PrivateKey: mixed}}, "key 0: PrivateKey: "},
		{"a short Ed25519 key", []SigningKey{{Algorithm: "EdDSA", PrivateKey: edKey()[:32]}}, "key 0: PrivateKey: an Ed25519 key of the wrong size"},
		{"HOSTILE 76: RSA of 1024 bits", []SigningKey{{Algorithm: "RS256", PrivateKey: small}}, "key 0: PrivateKey: an RSA key of 1024 bits"},
		{"a signer of another kind", []SigningKey{{Algorithm: "ES256", PrivateKey: struct{ crypto.Signer }{ecKey()}}}, "key 0: PrivateKey: "},
		{"HOSTILE 31: ID with a line end", []SigningKey{{ID: "a\n", Algorithm: "ES256", PrivateKey: ecKey()}}, "key 0: ID: not a string"},
		{"HOSTILE 31: ID of 256 bytes", []SigningKey{{ID: strings.Repeat("a", 256), Algorithm: "ES256", PrivateKey: ecKey()}}, "key 0: ID: not a string"},
		{"ID that is not UTF-8", []SigningKey{{ID: "\xff", Algorithm: "ES256", PrivateKey: ecKey()}}, "key 0: ID: not a string"},
		{"one ID twice", []SigningKey{{ID: "a", Algorithm: "ES256", PrivateKey: ecKey()}, {ID: "a", Algorithm: "RS256", PrivateKey: rsaKey()}}, `key 1: ID: "a" is in the ring already`},
		{"one key twice", []SigningKey{good, good}, "is in the ring already"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ring, err := NewKeyRing(c.keys...)
			require.Error(t, err)
			assert.Nil(t, ring)
			assert.Contains(t, err.Error(), "jwtauth.NewKeyRing: ")
			assert.Contains(t, err.Error(), c.want)
			assert.NotContains(t, err.Error(), "secret of tests", "HOSTILE 112")

			ring = must(NewKeyRing(SigningKey{ID: "kept", Algorithm: "EdDSA", PrivateKey: edKey()}))
			before := must(ring.current())
			for i, key := range c.keys {
				if err := ring.Add(key); i == len(c.keys)-1 {
					assert.ErrorContains(t, err, "add key: ")
				} else {
					before = must(ring.current())
				}
			}
			assert.Same(t, before, must(ring.current()), "what is refused changes nothing")
		})
	}
}

// A ring that was not made by NewKeyRing: errors, and no panic.
func TestZeroKeyRing(t *testing.T) {
	for _, ring := range []*KeyRing{nil, new(KeyRing)} {
		assert.ErrorIs(t, ring.Add(SigningKey{Algorithm: "ES256", PrivateKey: ecKey()}), errNoRing)
		assert.ErrorIs(t, ring.Remove("a"), errNoRing)
		assert.Empty(t, ring.IDs())
		assert.Empty(t, ring.JWKS())
		_, err := ring.JWKSHandler(time.Hour)
		assert.ErrorIs(t, err, errNoRing)
		_, err = ring.current()
		assert.ErrorIs(t, err, errNoRing)
		assert.Nil(t, ring.newer(t.Context(), newKeys()))
		_, err = ring.signer(testNow)
		assert.ErrorIs(t, err, errNoRing)
		if ring != nil {
			_, err = NewIssuer(IssuerConfig{Keys: ring})
			assert.ErrorIs(t, err, errNoRing)
		}
	}
}

// Each algorithm from the making of a key to its published half.
func TestGenerateKey(t *testing.T) {
	for _, a := range algorithms {
		t.Run(a.name, func(t *testing.T) {
			key, err := GenerateKey(a.name)
			require.NoError(t, err)
			assert.Equal(t, a.name, key.Algorithm)
			assert.Zero(t, key.SignsFrom)
			ring, err := NewKeyRing(key)
			require.NoError(t, err)
			issuer, b, _ := ringOf(t, ring, a.name)
			token := issue(t, issuer)
			assert.Equal(t, "42", requireAccepted(t, b, token).UserID())
			id := ring.IDs()[0]
			assert.Equal(t, map[string]any{"alg": a.name, "typ": "JWT", "kid": id}, headerOf(t, token))

			if a.symmetric() {
				assert.GreaterOrEqual(t, len(key.Secret), 64)
				assert.Equal(t, key.ID, id)
				assert.JSONEq(t, `{"keys":[]}`, string(ring.JWKS()), "a secret is never published")
				_, err := ring.JWKSHandler(time.Hour)
				assert.ErrorContains(t, err, "no public key")
				return
			}
			set, err := ParseJWKS(ring.JWKS())
			require.NoError(t, err)
			k := must(set.current())
			assert.Equal(t, must(ring.current()).named[keyName{id, a.name}][0].identity, k.named[keyName{id, a.name}][0].identity)
			assert.Len(t, k.fitting, 1, "it is for one algorithm only")
			requireAccepted(t, newKeysBackend(t, set, a.name), token)
			if private, ok := key.PrivateKey.(*rsa.PrivateKey); ok {
				assert.Equal(t, 3072, private.N.BitLen())
			}
			assert.Empty(t, key.ID)
			assert.Equal(t, thumbprint(key.PrivateKey.Public()), id)
		})
	}
	for _, name := range []string{"", "none", "hs256", "RSA", "Ed25519"} {
		_, err := GenerateKey(name)
		assert.ErrorContains(t, err, fmt.Sprintf("jwtauth.GenerateKey: %q is not supported", name))
	}
	one, other := must(GenerateKey("HS256")), must(GenerateKey("HS256"))
	assert.NotEqual(t, one.ID, other.ID)
	assert.NotEqual(t, one.Secret, other.Secret)
}

// RFC 7638 section 3.1, RFC 8037 appendix A.3.
func TestThumbprint(t *testing.T) {
	for want, text := range map[string]string{
		"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs": `{"kty":"RSA",
			"n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
			"e":"AQAB","alg":"RS256","kid":"2011-04-29"}`,
		"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k": `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
	} {
		key, err := new(jwk).parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, thumbprint(key.Public))
	}
}

// The newest key signs; all of them verify, from when they are there until they
// are removed.
func TestKeyRingRotation(t *testing.T) {
	ring := must(NewKeyRing(SigningKey{ID: "1", Algorithm: "ES256", PrivateKey: ecKey()}))
	issuer, b, after := ringOf(t, ring, "ES256")
	old := issue(t, issuer)
	assert.Equal(t, "1", headerOf(t, old)["kid"])
	requireAccepted(t, b, old)
	before := must(ring.current())

	next := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	require.NoError(t, ring.Add(SigningKey{ID: "2", Algorithm: "ES256", PrivateKey: next, SignsFrom: testNow.Add(10 * time.Minute)}))
	assert.NotSame(t, before, must(ring.current()))
	assert.Same(t, must(ring.current()), must(ring.current()))
	assert.Equal(t, []string{"1", "2"}, ring.IDs())
	assert.Equal(t, "1", headerOf(t, issue(t, issuer))["kid"], "the next one does not sign yet")
	early := sign(t, "ES256", next, `{"alg":"ES256","kid":"2"}`, issuedByMe)
	requireAccepted(t, b, early) // but verifies
	assert.Contains(t, string(ring.JWKS()), `"kid":"2"`)

	after.Store(int64(10*time.Minute - time.Nanosecond))
	assert.Equal(t, "1", headerOf(t, issue(t, issuer))["kid"])
	after.Store(int64(10 * time.Minute))
	token := issue(t, issuer)
	assert.Equal(t, "2", headerOf(t, token)["kid"])
	requireAccepted(t, b, token)
	requireAccepted(t, b, old)

	require.NotNil(t, b.cache.find(old, false))
	require.NoError(t, ring.Remove("1"))
	assert.NotNil(t, b.cache.find(old, false), "HOSTILE 72: it is remembered, but that does not count")
	requireRefused(t, b, old, errSignature)
	requireAccepted(t, b, token)
	assert.NotContains(t, string(ring.JWKS()), `"kid":"1"`)

	assert.EqualError(t, ring.Remove("1"), `remove key: "1" is not in the ring`)
	assert.EqualError(t, ring.Remove(""), `remove key: "" is not in the ring`)
	assert.EqualError(t, ring.Remove("2"), `remove key: "2" is the only one in the ring`)
	requireAccepted(t, b, token)

	require.NoError(t, ring.Add(SigningKey{ID: "1", Algorithm: "ES256", PrivateKey: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}))
	requireRefused(t, b, old, errSignature) // HOSTILE 77: a new key of the same kid
	assert.Equal(t, "2", headerOf(t, issue(t, issuer))["kid"], "one that has signed from the beginning of time is older")
}

func TestKeyRingSigner(t *testing.T) {
	key := func(id string, from time.Time) SigningKey {
		return SigningKey{ID: id, Algorithm: "EdDSA", PrivateKey: edKey(), SignsFrom: from}
	}
	soon := testNow.Add(time.Hour)
	for _, c := range []struct {
		name string
		keys []SigningKey
		want string
	}{
		{"one", []SigningKey{key("a", time.Time{})}, "a"},
		{"of several, the one added last", []SigningKey{key("a", time.Time{}), key("b", time.Time{})}, "b"},
		{"of two with a time, the later one", []SigningKey{key("a", testNow.Add(-time.Hour)), key("b", testNow.Add(-2*time.Hour))}, "a"},
		{"just now", []SigningKey{key("a", testNow), key("b", time.Time{})}, "a"},
		{"none from later on", []SigningKey{key("a", time.Time{}), key("b", soon), key("c", time.Time{}), key("d", soon)}, "c"},
		{"another time zone", []SigningKey{key("a", testNow.Add(-time.Second)), key("b", testNow.In(time.FixedZone("", 14*3600)))}, "b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, err := must(NewKeyRing(c.keys...)).signer(testNow)
			require.NoError(t, err)
			assert.Equal(t, c.want, one.id)
		})
	}
	issuer, _, after := ringOf(t, must(NewKeyRing(key("a", soon))), "EdDSA")
	_, err := issuer.Token(User{ID: "42"}, TokenOptions{})
	assert.ErrorIs(t, err, errNoSigner)
	after.Store(int64(time.Hour))
	issue(t, issuer)
}

// Keys of different kinds in one ring, of which each serves its algorithm only.
func TestKeyRingOfSeveralKinds(t *testing.T) {
	private := rsaKey()
	ring := must(NewKeyRing(
		SigningKey{ID: "p", Algorithm: "PS256", PrivateKey: private},
		SigningKey{ID: "r", Algorithm: "RS256", PrivateKey: private},
		SigningKey{ID: "s", Algorithm: "HS256", Secret: testSecret},
		SigningKey{ID: "e", Algorithm: "EdDSA", PrivateKey: edKey()},
	))
	_, b, _ := ringOf(t, ring, "PS256", "RS256", "HS256", "EdDSA")
	requireAccepted(t, b, signWithID(t, "PS256", private, "p"))
	requireAccepted(t, b, signWithID(t, "RS256", private, "r"))
	requireAccepted(t, b, signWithID(t, "HS256", testSecret, "s"))
	requireAccepted(t, b, signWithID(t, "EdDSA", edKey(), "e"))
	requireRefused(t, b, signWithID(t, "RS256", private, "p"), errSignature)
	requireRefused(t, b, signWithID(t, "PS256", private, "r"), errSignature)
	requireRefused(t, b, signWithID(t, "HS256", testSecret, "e"), errSignature)
	for _, secret := range [][]byte{publicPEM(t, private), ring.JWKS(), private.N.Bytes()} {
		for _, id := range ring.IDs() {
			requireRefused(t, b, signWithID(t, "HS256", secret, id), errSignature) // HOSTILE 24
		}
	}

	var set struct{ Keys []map[string]any }
	require.NoError(t, json.Unmarshal(ring.JWKS(), &set))
	require.Len(t, set.Keys, 3)
	for i, want := range []map[string]any{
		{"kid": "p", "use": "sig", "alg": "PS256", "kty": "RSA"}, {"kid": "r", "use": "sig", "alg": "RS256", "kty": "RSA"},
		{"kid": "e", "use": "sig", "alg": "EdDSA", "kty": "OKP", "crv": "Ed25519"},
	} {
		for name, value := range want {
			assert.Equal(t, value, set.Keys[i][name])
		}
		for _, secret := range []string{"d", "k", "p", "q", "dp", "dq", "qi"} {
			assert.NotContains(t, set.Keys[i], secret)
		}
	}
	body := string(ring.JWKS())
	for _, secret := range [][]byte{testSecret, edKey().Seed(), private.D.Bytes(), private.Primes[0].Bytes()} {
		assert.NotContains(t, body, base64.RawURLEncoding.EncodeToString(secret)[:20])
	}
}

func TestKeyRingDoesNotFollowItsArguments(t *testing.T) {
	secret := bytes.Clone(testSecret)
	list := []SigningKey{{ID: "s", Algorithm: "HS256", Secret: secret}, {ID: "e", Algorithm: "ES256", PrivateKey: ecKey()}}
	ring := must(NewKeyRing(list...))
	_, b, _ := ringOf(t, ring, "HS256", "ES256")
	clear(secret)
	clear(list)
	requireAccepted(t, b, signWithID(t, "HS256", testSecret, "s"))
	requireRefused(t, b, signWithID(t, "HS256", make([]byte, len(testSecret)), "s"), errSignature)
	clear(ring.JWKS())
	clear(ring.IDs())
	assert.Contains(t, string(ring.JWKS()), `"kid":"e"`)
	assert.Equal(t, []string{"s", "e"}, ring.IDs())
}

func TestKeyRingConcurrently(t *testing.T) {
	keys := make([]*ecdsa.PrivateKey, 8)
	for i := range keys {
		keys[i] = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	}
	ring := must(NewKeyRing(SigningKey{ID: "stays", Algorithm: "ES256", PrivateKey: ecKey()}))
	issuer, b, _ := ringOf(t, ring, "ES256")
	handler := must(ring.JWKSHandler(time.Hour))
	stays := signWithID(t, "ES256", ecKey(), "stays")
	var changes, readers sync.WaitGroup
	for i, key := range keys {
		changes.Go(func() {
			id := fmt.Sprint("key-", i)
			for range 20 {
				assert.NoError(t, ring.Add(SigningKey{ID: id, Algorithm: "ES256", PrivateKey: key}))
				token := signWithID(t, "ES256", key, id)
				_, err := authenticate(b, token)
				assert.NoError(t, err, "it is seen at once")
				assert.NoError(t, ring.Remove(id))
				_, err = authenticate(b, token)
				assert.ErrorIs(t, err, errSignature, "so is that it is gone")
			}
		})
	}
	var stop atomic.Bool
	for range 2 {
		readers.Go(func() {
			for !stop.Load() {
				_, err := authenticate(b, stays)
				assert.NoError(t, err)
				_, err = issuer.Token(User{ID: "42"}, TokenOptions{})
				assert.NoError(t, err)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
				_, err = ParseJWKS(w.Body.Bytes())
				assert.NoError(t, err, "a whole document, never one between two")
				assert.Contains(t, ring.IDs(), "stays")
			}
		})
	}
	changes.Wait()
	stop.Store(true)
	readers.Wait()
	assert.Equal(t, []string{"stays"}, ring.IDs())
}

func TestJWKSHandler(t *testing.T) {
	ring := must(NewKeyRing(SigningKey{ID: "1", Algorithm: "ES256", PrivateKey: ecKey()}, SigningKey{ID: "s", Algorithm: "HS256", Secret: testSecret}))
	handler, err := ring.JWKSHandler(90*time.Minute + 999*time.Millisecond)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ask := func(method string, namesAndValues ...string) (*http.Response, string) {
		r := must(http.NewRequestWithContext(t.Context(), method, server.URL+"/jwks.json", nil))
		for i := 0; i < len(namesAndValues); i += 2 {
			r.Header.Set(namesAndValues[i], namesAndValues[i+1])
		}
		response := must(server.Client().Do(r))
		body := must(io.ReadAll(response.Body))
		require.NoError(t, response.Body.Close())
		return response, string(body)
	}

	response, body := ask(http.MethodGet)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "application/jwk-set+json", response.Header.Get("Content-Type"))
	assert.Equal(t, "public, max-age=5400", response.Header.Get("Cache-Control"))
	assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, string(ring.JWKS()), body)
	assert.NotContains(t, body, `"kid":"s"`)
	tag := response.Header.Get("ETag")
	assert.Regexp(t, `^"[A-Za-z0-9_-]{22}"$`, tag)
	_, err = ParseJWKS([]byte(body))
	assert.NoError(t, err)

	response, body = ask(http.MethodHead)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Empty(t, body)
	assert.Equal(t, int64(len(ring.JWKS())), response.ContentLength)
	assert.Equal(t, tag, response.Header.Get("ETag"))

	for _, value := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		response, body = ask(http.MethodGet, "If-None-Match", value)
		assert.Equal(t, http.StatusNotModified, response.StatusCode, value)
		assert.Empty(t, body)
		assert.Equal(t, "public, max-age=5400", response.Header.Get("Cache-Control"))
		assert.Equal(t, tag, response.Header.Get("ETag"))
	}
	response, _ = ask(http.MethodGet, "If-None-Match", `"other"`)
	assert.Equal(t, http.StatusOK, response.StatusCode)

	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"} {
		response, body = ask(method)
		assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, method)
		assert.Equal(t, "GET, HEAD", response.Header.Get("Allow"))
		assert.NotContains(t, body, "kty")
		assert.Empty(t, response.Header.Get("Cache-Control"))
	}

	require.NoError(t, ring.Add(SigningKey{ID: "2", Algorithm: "EdDSA", PrivateKey: edKey(), SignsFrom: testNow.AddDate(100, 0, 0)}))
	response, body = ask(http.MethodGet, "If-None-Match", tag)
	assert.Equal(t, http.StatusOK, response.StatusCode, "a change is seen at once")
	assert.Contains(t, body, `"kid":"2"`)
	assert.NotEqual(t, tag, response.Header.Get("ETag"))
	require.NoError(t, ring.Remove("2"))
	response, _ = ask(http.MethodGet)
	assert.Equal(t, tag, response.Header.Get("ETag"), "the same set, the same tag")

	set, err := JWKSURL(t.Context(), server.URL, quick()...)
	require.NoError(t, err)
	requireAccepted(t, newKeysBackend(t, set, "ES256"), signWithID(t, "ES256", ecKey(), "1"))

	for maxAge, ok := range map[time.Duration]bool{
		-time.Second: false, 0: false, time.Second - 1: false, time.Second: true, 24 * time.Hour: true, 24*time.Hour + 1: false,
	} {
		handler, err := ring.JWKSHandler(maxAge)
		assert.Equal(t, ok, err == nil, maxAge)
		assert.Equal(t, ok, handler != nil, maxAge)
	}
}
