package interop

import (
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// publicAlgorithms are those with a key that can be published.
func publicAlgorithms() []*algorithm {
	return slices.DeleteFunc(slices.Clone(algorithms()), func(a *algorithm) bool { return a.signer == nil })
}

func names(list []*algorithm) (names []string) {
	for _, a := range list {
		names = append(names, a.name)
	}
	return names
}

// setOf returns a JWK set.
func setOf(t testing.TB, keys ...map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": keys})
	require.NoError(t, err)
	return text
}

func newSetBackend(t testing.TB, keys jwtauth.KeySet) *jwtauth.Backend {
	t.Helper()
	b, err := jwtauth.New(jwtauth.Config{
		Keys: keys, Algorithms: names(publicAlgorithms()), Issuer: testIssuer, Audience: []string{testAudience},
		Now: func() time.Time { return testNow },
	})
	require.NoError(t, err)
	return b
}

// exporters are the peers that write JWKs.
var exporters = []*peer{pyjwt, jose}

// Others publish keys and mint, jwtauth reads the keys and judges.
func TestKeysOfOthers(t *testing.T) {
	for _, p := range exporters {
		t.Run(p.name, func(t *testing.T) {
			var jwks []map[string]any
			for _, a := range publicAlgorithms() {
				jwk := p.export(t, a, a.public)
				jwk["kid"], jwk["alg"], jwk["use"] = "key of "+a.name, a.name, "sig"
				jwks = append(jwks, jwk)
			}
			keys, err := jwtauth.ParseJWKS(setOf(t, jwks...))
			require.NoError(t, err)
			b := newSetBackend(t, keys)
			for i, a := range publicAlgorithms() {
				mint := func(header map[string]any) string {
					minted := p.mint(t, a, header, plainClaims())
					require.Empty(t, minted.Error)
					return minted.Token
				}
				principal, err := authenticate(b, mint(map[string]any{"kid": jwks[i]["kid"]}))
				require.NoError(t, err, a.name)
				requirePrincipal(t, principal, asJSON(t, plainClaims()))

				_, err = authenticate(b, mint(nil))
				require.NoError(t, err, "without kid, and one key fits")

				next := jwks[(i+1)%len(jwks)]["kid"]
				_, err = authenticate(b, mint(map[string]any{"kid": next}))
				require.ErrorIs(t, err, runtime.ErrInvalidCredentials, "kid of another key")
				_, err = authenticate(b, mint(map[string]any{"kid": "unknown"}))
				require.ErrorIs(t, err, runtime.ErrInvalidCredentials, "kid of no key")
			}
		})
	}
}

// Without alg a key is for all algorithms that it fits.
func TestKeysOfOthersWithoutAlgorithm(t *testing.T) {
	for _, p := range exporters {
		t.Run(p.name, func(t *testing.T) {
			var jwks []map[string]any
			for _, name := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
				jwk := p.export(t, algorithmByName(name), algorithmByName(name).public)
				require.NotContains(t, jwk, "alg")
				jwk["kid"] = fmt.Sprint(jwk["kty"], jwk["crv"])
				jwks = append(jwks, jwk)
			}
			keys, err := jwtauth.ParseJWKS(setOf(t, jwks...))
			require.NoError(t, err)
			b := newSetBackend(t, keys)
			for _, a := range publicAlgorithms() {
				minted := p.mint(t, a, nil, plainClaims())
				require.Empty(t, minted.Error)
				_, err := authenticate(b, minted.Token)
				require.NoError(t, err, a.name)
			}
		})
	}
}

// A coordinate is as long as the curve has it (RFC 7518 section 6.2.1.2), but
// PyJWT 2.6 leaves zeros at its beginning out: of every second key on
// P-521, and of one in 128 on P-256. Such a key is refused.
func TestShortCoordinates(t *testing.T) {
	for name, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		a := newAlgorithm(name, generateEC(curve, true))
		for _, p := range exporters {
			jwk := p.export(t, a, a.public)
			full := base64.RawURLEncoding.EncodedLen((curve.Params().BitSize + 7) / 8)
			short := len(jwk["x"].(string)) != full || len(jwk["y"].(string)) != full
			require.False(t, short && p == jose)
			_, err := jwtauth.ParseJWKS(setOf(t, jwk))
			if short {
				require.ErrorContains(t, err, "canonical", "%s of %s", name, p.name)
			} else {
				require.NoError(t, err, "%s of %s", name, p.name)
			}
		}
	}
}

// What others write of a private key or a secret is no set to publish.
func TestPrivateKeysOfOthers(t *testing.T) {
	for _, p := range exporters {
		for _, name := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
			a := algorithmByName(name)
			good := p.export(t, a, a.public)
			_, err := jwtauth.ParseJWKS(setOf(t, good))
			require.NoError(t, err)

			jwk := p.export(t, a, a.private)
			require.Contains(t, jwk, "d", "%s of %s", name, p.name)
			_, err = jwtauth.ParseJWKS(setOf(t, good, jwk))
			require.ErrorContains(t, err, "private key")
		}
	}
	secret := jose.export(t, algorithmByName("HS256"), testSecret)
	_, err := jwtauth.ParseJWKS(setOf(t, jose.export(t, algorithmByName("ES256"), algorithmByName("ES256").public), secret))
	require.ErrorContains(t, err, "symmetric key")
}

// jwtauth publishes the keys of a ring and mints, others read the keys and
// judge.
func TestKeysForOthers(t *testing.T) {
	keys := publicAlgorithms()
	ring, err := jwtauth.NewKeyRing(jwtauth.SigningKey{Algorithm: keys[0].name, PrivateKey: keys[0].signer, ID: "key of " + keys[0].name})
	require.NoError(t, err)
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{
		Keys: ring, Issuer: testIssuer, Audience: []string{testAudience}, Now: func() time.Time { return testNow },
	})
	require.NoError(t, err)

	tokens := make(map[string]string) // by algorithm
	for i, a := range keys {
		if i > 0 {
			require.NoError(t, ring.Add(jwtauth.SigningKey{Algorithm: a.name, PrivateKey: a.signer, ID: "key of " + a.name}))
		}
		tokens[a.name], err = issuer.Token(jwtauth.User{ID: "42"}, jwtauth.TokenOptions{})
		require.NoError(t, err)
	}
	jwks := published(t, ring)
	for _, p := range exporters {
		for alg, token := range tokens {
			judged := p.judgeBySet(t, alg, token, jwks)
			require.Empty(t, judged.Error, "%s judged by %s", alg, p.name)
			require.Equal(t, decodeClaims(t, token), judged.Claims)
			require.NotEmpty(t, p.judgeBySet(t, alg, damage(token), jwks).Error)
		}
	}
	require.NoError(t, ring.Remove("key of ES256"))
	for _, p := range exporters {
		assert.NotEmpty(t, p.judgeBySet(t, "ES256", tokens["ES256"], published(t, ring)).Error, "a key that was removed")
		assert.Empty(t, p.judgeBySet(t, "ES384", tokens["ES384"], published(t, ring)).Error)
	}
}

// The ids that a ring gives are those of RFC 7638 to others, too.
func TestThumbprintsForOthers(t *testing.T) {
	var list []jwtauth.SigningKey
	for _, name := range []string{"RS256", "ES256", "ES384", "ES512", "EdDSA"} {
		list = append(list, jwtauth.SigningKey{Algorithm: name, PrivateKey: algorithmByName(name).signer})
	}
	ring, err := jwtauth.NewKeyRing(list...)
	require.NoError(t, err)
	answered := jose.ask(t, request{Op: "thumbprints", JWKS: published(t, ring)})
	require.Empty(t, answered.Error)
	require.Len(t, answered.Thumbprints, len(list))
	assert.Equal(t, answered.Thumbprints, ring.IDs())
}

// published returns what the ring's handler answers with.
func published(t *testing.T, ring *jwtauth.KeyRing) []byte {
	t.Helper()
	handler, err := ring.JWKSHandler(time.Minute)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	response, err := http.Get(server.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return body
}
