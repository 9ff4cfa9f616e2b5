package interop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

const (
	testIssuer   = "https://issuer.example"
	testAudience = "api"
	testSecret   = "a secret of these tests, and as long as HS512 would like to have it"
)

// testNow is the time for everybody who judges. All tokens are made for it.
var testNow = time.Unix(1_750_000_000, 0)

// An algorithm is one that tokens are signed with, and the keys for it.
type algorithm struct {
	name    string
	method  jwt.SigningMethod
	signer  crypto.Signer // nil for HMAC
	private string        // PEM (PKCS #8), or the secret
	public  string        // PEM (PKIX), or the secret
}

// algorithms returns those that jwtauth knows, all of them.
var algorithms = sync.OnceValue(func() []*algorithm {
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	return []*algorithm{
		newAlgorithm("HS256", nil),
		newAlgorithm("HS384", nil),
		newAlgorithm("HS512", nil),
		newAlgorithm("RS256", rsaKey),
		newAlgorithm("RS384", rsaKey),
		newAlgorithm("RS512", rsaKey),
		newAlgorithm("PS256", rsaKey),
		newAlgorithm("PS384", rsaKey),
		newAlgorithm("PS512", rsaKey),
		newAlgorithm("ES256", generateEC(elliptic.P256(), false)),
		newAlgorithm("ES384", generateEC(elliptic.P384(), false)),
		newAlgorithm("ES512", generateEC(elliptic.P521(), false)),
		newAlgorithm("EdDSA", ed25519.NewKeyFromSeed([]byte(testSecret)[:ed25519.SeedSize])),
	}
})

// generateEC returns a key of which a coordinate begins with a zero byte, or
// none does: see TestShortCoordinates.
func generateEC(curve elliptic.Curve, zero bool) *ecdsa.PrivateKey {
	for {
		key := must(ecdsa.GenerateKey(curve, rand.Reader))
		point := must(key.PublicKey.Bytes())[1:]
		if (point[0] == 0 || point[len(point)/2] == 0) == zero {
			return key
		}
	}
}

func newAlgorithm(name string, signer crypto.Signer) *algorithm {
	a := &algorithm{name: name, method: jwt.GetSigningMethod(name), signer: signer, private: testSecret, public: testSecret}
	if signer != nil {
		a.private = encodePEM("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(signer)))
		a.public = encodePEM("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(signer.Public())))
	}
	return a
}

func algorithmByName(name string) *algorithm {
	for _, a := range algorithms() {
		if a.name == name {
			return a
		}
	}
	panic(name)
}

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sign returns the bytes of the algorithm's signature over the text.
func (a *algorithm) sign(text string) []byte {
	if a.signer == nil {
		return must(a.method.Sign(text, []byte(testSecret)))
	}
	return must(a.method.Sign(text, a.signer))
}

// newBackend returns a backend for the algorithm's tokens; audience may be
// empty for none.
func (a *algorithm) newBackend(t testing.TB, audience string) *jwtauth.Backend {
	t.Helper()
	config := jwtauth.Config{Algorithms: []string{a.name}, Issuer: testIssuer, Now: func() time.Time { return testNow }}
	if audience != "" {
		config.Audience = []string{audience}
	}
	if a.signer == nil {
		config.Secret = []byte(testSecret)
	} else {
		keys, err := jwtauth.ParsePEM([]byte(a.public))
		require.NoError(t, err)
		config.Keys = keys
	}
	b, err := jwtauth.New(config)
	require.NoError(t, err)
	return b
}

func (a *algorithm) newIssuer(t testing.TB, audience ...string) *jwtauth.Issuer {
	t.Helper()
	config := jwtauth.IssuerConfig{
		Algorithm: a.name, PrivateKey: a.signer, Issuer: testIssuer, Audience: audience, Now: func() time.Time { return testNow },
	}
	if a.signer == nil {
		config.Secret = []byte(testSecret)
	}
	issuer, err := jwtauth.NewIssuer(config)
	require.NoError(t, err)
	return issuer
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
