package jwtauth

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func TestNewRefuses(t *testing.T) {
	unsetSecretKey(t)
	rsaKeys := must(ParsePEM(publicPEM(t, rsaKey())))
	rsaPEM := publicPEM(t, rsaKey())
	der, _ := pem.Decode(rsaPEM)
	secret := testSecret
	cases := []struct {
		name   string
		config Config
		want   string // the setting
	}{
		{"no key at all", Config{}, "Secret: not set, and neither is SECRET_KEY"},
		{"HOSTILE 57: empty", Config{Secret: []byte{}}, "Secret: empty"},
		{"HOSTILE 57: short", Config{Secret: secret[:31]}, "Secret: 31 bytes"},
		{"HOSTILE 57: line end", Config{Secret: append(bytes.Clone(secret), '\n')}, "Secret: white space"},
		{"HOSTILE 57: CRLF", Config{Secret: append(bytes.Clone(secret), '\r', '\n')}, "Secret: white space"},
		{"HOSTILE 57: space before", Config{Secret: append([]byte(" "), secret...)}, "Secret: white space"},
		{"HOSTILE 57: only spaces", Config{Secret: bytes.Repeat([]byte(" "), 40)}, "Secret: white space"},
		{"HOSTILE 57: Django's", Config{Secret: []byte("django-insecure-" + strings.Repeat("x", 50))}, "Secret: one that Django"},
		{"HOSTILE 24: PEM", Config{Secret: bytes.TrimSpace(rsaPEM)}, "Secret: a key or certificate"},
		{"HOSTILE 24: private PEM", Config{Secret: []byte("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----")}, "Secret: a key or certificate"},
		{"HOSTILE 24: DER", Config{Secret: der.Bytes}, "Secret: a key or certificate"},
		{"HOSTILE 24: PKCS #1", Config{Secret: x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)}, "Secret: a key or certificate"},
		{"HOSTILE 24: JWK", Config{Secret: []byte(`{"kty":"RSA","n":"AQAB","e":"AQAB","use":"sig"}`)}, "Secret: a key or certificate"},
		{"HOSTILE 24: JWKS", Config{Secret: []byte(`{"keys":[{"n":"AQAB","e":"AQAB","use":"sig"}]}`)}, "Secret: a key or certificate"},
		{"both", Config{Secret: secret, Keys: rsaKeys, Algorithms: []string{"RS256"}}, "Secret: set beside Keys"},
		{"HOSTILE 23: none", Config{Secret: secret, Algorithms: []string{"none"}}, `Algorithms[0]: "none"`},
		{"HOSTILE 28: lower case", Config{Secret: secret, Algorithms: []string{"HS256", "hs512"}}, `Algorithms[1]: "hs512"`},
		{"empty algorithm", Config{Secret: secret, Algorithms: []string{""}}, `Algorithms[0]: ""`},
		{"no algorithms", Config{Secret: secret, Algorithms: []string{}}, "Algorithms: empty"},
		{"no algorithms with keys", Config{Keys: rsaKeys}, "Algorithms: empty"},
		{"an algorithm twice", Config{Secret: secret, Algorithms: []string{"HS256", "HS256"}}, "Algorithms[1]: HS256 is there twice"},
		{"a secret for RS256", Config{Secret: secret, Algorithms: []string{"RS256"}}, "Algorithms[0]: RS256 needs Keys"},
		{"HOSTILE 24: keys for HS256", Config{Keys: rsaKeys, Algorithms: []string{"RS256", "HS256"}}, "Algorithms[1]: HS256 needs a Secret"},
		{"no key for ES256", Config{Keys: rsaKeys, Algorithms: []string{"RS256", "ES256"}}, "Algorithms[1]: none of the Keys fits ES256"},
		{"HOSTILE 26: another curve", Config{Keys: must(ParsePEM(publicPEM(t, ecKey()))), Algorithms: []string{"ES384"}}, "Algorithms[0]: none of the Keys fits ES384"},
		{"a ring that was not made", Config{Keys: new(KeyRing), Algorithms: []string{"ES256"}}, "Keys: jwtauth: the key ring was not made"},
		{"header name", Config{Secret: secret, Header: "X Token"}, "Header"},
		{"header Cookie", Config{Secret: secret, Header: "cookie"}, "Header"},
		{"empty list of audiences", Config{Secret: secret, Audience: []string{}}, "Audience: empty"},
		{"empty audience", Config{Secret: secret, Audience: []string{"api", ""}}, "Audience[1]"},
		{"audience with a line end", Config{Secret: secret, Audience: []string{"api\n"}}, "Audience[0]"},
		{"issuer with a line end", Config{Secret: secret, Issuer: "me\n"}, "Issuer"},
		{"issuer of spaces", Config{Secret: secret, Issuer: " "}, "Issuer"},
		{"type with parameters", Config{Secret: secret, Type: "at+jwt; charset=utf-8"}, "Type"},
		{"negative leeway", Config{Secret: secret, Leeway: -1}, "Leeway"},
		{"HOSTILE 65: leeway beyond what stores keep", Config{Secret: secret, Leeway: time.Hour + 1}, "Leeway"},
		{"negative age", Config{Secret: secret, MaxAge: -time.Hour}, "MaxAge"},
		{"a nil store", Config{Secret: secret, Revocation: (*revocation.Memory)(nil)}, "Revocation"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, err := New(c.config)
			require.Error(t, err)
			assert.Nil(t, b)
			assert.Contains(t, err.Error(), "jwtauth.New: "+c.want)
			if len(c.config.Secret) > 30 {
				assert.NotContains(t, err.Error(), string(c.config.Secret[20:28]), "HOSTILE 112: a part of the secret")
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := New(Config{Secret: []byte("x"), Header: " ", Audience: []string{""}, Leeway: -1})
		for _, setting := range []string{"Secret", "Header", "Audience[0]", "Leeway"} {
			assert.ErrorContains(t, err, setting)
		}
	})
}

// unsetSecretKey takes SECRET_KEY out of the environment for one test.
func unsetSecretKey(t *testing.T) {
	t.Helper()
	t.Setenv(secretVariable, "") // restores it
	require.NoError(t, os.Unsetenv(secretVariable))
}

func TestSecretOfTheEnvironment(t *testing.T) {
	t.Setenv(secretVariable, string(testSecret))
	b, err := New(Config{Now: func() time.Time { return testNow }})
	require.NoError(t, err)
	requireAccepted(t, b, signPlain(t, plainHeader, plainClaims))

	_, err = New(Config{Algorithms: []string{"HS256", "RS256"}})
	assert.ErrorContains(t, err, "Algorithms[1]: RS256 needs Keys", "it is no default for public keys")
	_, err = New(Config{Secret: []byte{}})
	assert.ErrorContains(t, err, "Secret: empty", "it is no default for an empty secret")
	_, err = New(Config{Keys: must(ParsePEM(publicPEM(t, rsaKey()))), Algorithms: []string{"RS256"}})
	assert.NoError(t, err, "it is not looked at where there are keys")

	for value, want := range map[string]string{ // HOSTILE 57
		"":                                      "environment: empty",
		"short":                                 "environment: 5 bytes",
		string(testSecret) + "\n":               "white space",
		"django-insecure-" + string(testSecret): "Django",
	} {
		t.Setenv(secretVariable, value)
		_, err := New(Config{})
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "secret of tests")
	}
}

func TestBackendDoesNotFollowTheConfiguration(t *testing.T) {
	config := Config{
		Secret: bytes.Clone(testSecret), Algorithms: []string{"HS256"}, Audience: []string{"api"}, Now: func() time.Time { return testNow },
	}
	b, err := New(config)
	require.NoError(t, err)
	clear(config.Secret)
	config.Algorithms[0], config.Audience[0] = "none", "other"
	requireAccepted(t, b, signPlain(t, plainHeader, with("aud", `"api"`)))
	requireRefused(t, b, signPlain(t, plainHeader, with("aud", `"other"`)), errAudience)
	requireRefused(t, b, sign(t, "HS256", make([]byte, len(testSecret)), plainHeader, with("aud", `"api"`)), errSignature)
}

// certificate returns a certificate for a key, signed by itself.
func certificate(t *testing.T, ca bool) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "issuer"}, IsCA: ca, BasicConstraintsValid: true,
		NotBefore: testNow.AddDate(-2, 0, 0), NotAfter: testNow.AddDate(-1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &rsaKey().PublicKey, rsaKey())
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestParsePEM(t *testing.T) {
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)})
	for name, text := range map[string][]byte{
		"PKIX":           publicPEM(t, rsaKey()),
		"PKCS #1":        pkcs1,
		"certificate":    certificate(t, false),
		"text around":    append(append([]byte("# the key\n"), publicPEM(t, rsaKey())...), "\n# end\n"...),
		"several in one": append(publicPEM(t, ecKey()), publicPEM(t, rsaKey())...),
		"CRLF":           bytes.ReplaceAll(publicPEM(t, rsaKey()), []byte("\n"), []byte("\r\n")),
		"no line end":    bytes.TrimSpace(publicPEM(t, rsaKey())),
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := ParsePEM(text)
			require.NoError(t, err)
			b := newTestBackend(t, func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, keys, []string{"RS256"} })
			requireAccepted(t, b, sign(t, "RS256", rsaKey(), `{"alg":"RS256"}`, plainClaims))
		})
	}
}

func TestParsePEMRefuses(t *testing.T) {
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	pkix := func(key any) []byte { return block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key))) }
	good := publicPEM(t, rsaKey())
	t.Setenv("GODEBUG", "rsa1024min=0")
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader))

	cases := []struct {
		name  string
		texts [][]byte
		want  string
	}{
		{"nothing", nil, "no key"},
		{"empty text", [][]byte{good, {}}, "text 1: no PEM block"},
		{"no PEM", [][]byte{[]byte("secret")}, "text 0: no PEM block"},
		{"DER", [][]byte{must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey))}, "text 0: no PEM block"},
		{"private key, PKCS #8", [][]byte{block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey())))}, "a private key"},
		{"private key, PKCS #1", [][]byte{block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))}, "a private key"},
		{"private key, SEC 1", [][]byte{block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey())))}, "a private key"},
		{"private key behind a public one", [][]byte{append(bytes.Clone(good), block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey())))...)}, "text 0: block 1: a private key"},
		{"something else", [][]byte{block("CERTIFICATE REQUEST", []byte{1})}, `"CERTIFICATE REQUEST" is neither`},
		{"garbage", [][]byte{block("PUBLIC KEY", []byte{1, 2, 3})}, "text 0: block 0"},
		{"garbage as a certificate", [][]byte{block("CERTIFICATE", []byte{1, 2, 3})}, "text 0: block 0"},
		{"cut off", [][]byte{good[:len(good)/2]}, "1 of 1 blocks cannot be read"},
		{"one of two damaged", [][]byte{append(bytes.Replace(good, []byte("MII"), []byte("M*I"), 1), good...)}, "1 of 2 blocks cannot be read"},
		{"certificate of an authority", [][]byte{certificate(t, true)}, "certificate of an authority"},
		{"HOSTILE 76: RSA of 1024 bits", [][]byte{pkix(&small.PublicKey)}, "RSA key of 1024 bits"},
		{"HOSTILE 76: RSA too long", [][]byte{pkix(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 8193), E: 65537})}, "RSA key of 8194 bits"},
		{"HOSTILE 76: RSA with e = 1", [][]byte{pkix(&rsa.PublicKey{N: rsaKey().N, E: 1})}, "exponent"},
		{"HOSTILE 76: RSA with e = 2", [][]byte{pkix(&rsa.PublicKey{N: rsaKey().N, E: 2})}, "exponent"},
		{"P-224", [][]byte{pkix(&p224.PublicKey)}, "key 0: no algorithm"},
		{"X25519", [][]byte{good, pkix(x25519.PublicKey())}, "key 1: no algorithm"},
		{"nine for one algorithm", [][]byte{bytes.Repeat(good, 9)}, "9 keys for"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			keys, err := ParsePEM(c.texts...)
			require.Error(t, err)
			assert.Nil(t, keys)
			assert.Contains(t, err.Error(), "jwtauth.ParsePEM: ")
			assert.Contains(t, err.Error(), c.want)
		})
	}
}
