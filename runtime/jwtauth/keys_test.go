package jwtauth

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

	"github.com/stretchr/testify/require"
)

var (
	testSecret = []byte("a secret of tests, which is long enough")
	testNow    = time.Unix(1_750_000_000, 0)
)

// Keys of tests, made once: RSA keys take their time.
var (
	rsaKey      = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey       = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ec384Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	ec521Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	edKey       = sync.OnceValue(func() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(testSecret[:ed25519.SeedSize]) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// signingKey returns what golang-jwt signs with for an algorithm.
func signingKey(alg string) any {
	switch alg {
	case "HS256", "HS384", "HS512":
		return testSecret
	case "ES256":
		return ecKey()
	case "ES384":
		return ec384Key()
	case "ES512":
		return ec521Key()
	case "EdDSA":
		return edKey()
	}
	return rsaKey()
}

// publicPEM returns the public half of a key.
func publicPEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.(crypto.Signer).Public())
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// verifyConfig returns the settings that verify what signingKey(alg) signs.
func verifyConfig(t testing.TB, alg string) Config {
	t.Helper()
	config := Config{Algorithms: []string{alg}, Now: func() time.Time { return testNow }}
	if key := signingKey(alg); algorithmByName(alg).symmetric() {
		config.Secret = testSecret
	} else {
		keys, err := ParsePEM(publicPEM(t, key))
		require.NoError(t, err)
		config.Keys = keys
	}
	return config
}
