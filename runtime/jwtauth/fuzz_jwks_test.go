package jwtauth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Nothing makes the parser panic. Whatever it accepts is what encoding/json
// reads, too, has keys of the right sizes only, and is published as the same
// keys again.
func FuzzParseJWKS(f *testing.F) {
	for _, c := range goodSets() {
		f.Add([]byte(c.text))
	}
	for _, c := range wrongSets(f) {
		if len(c.text) < 64<<10 {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		k, refused, err := parseJWKS(string(text))
		set, strict := ParseJWKS(text)
		require.Equal(t, err != nil || len(refused) > 0, strict != nil)
		require.Equal(t, strict != nil, set == nil)
		require.Equal(t, err != nil, k == nil)
		if err != nil {
			return
		}
		requireRead(t, text, len(refused) == 0)
		for alg, fitting := range k.fitting {
			require.LessOrEqual(t, len(fitting), maxJWKSKeys)
			for _, v := range fitting {
				requireGoodKey(t, alg, v)
			}
		}
		for name, list := range k.named {
			require.Len(t, list, 1)
			require.True(t, isKeyID(name.kid))
			require.Contains(t, k.fitting[name.alg], list[0])
			requirePublished(t, name, list[0])
		}
	})
}

// requireRead asserts that encoding/json finds an array of keys, and none that
// is secret if nothing was refused.
func requireRead(t *testing.T, text []byte, whole bool) {
	t.Helper()
	var set map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &set))
	var keys []map[string]any
	require.NoError(t, json.Unmarshal(set["keys"], &keys))
	require.LessOrEqual(t, len(keys), maxJWKSKeys)
	for _, key := range keys {
		for name := range key {
			if whole {
				require.NotContains(t, []string{"k", "d", "p", "q", "dp", "dq", "qi", "oth"}, strings.ToLower(name))
			}
		}
		require.False(t, whole && key["kty"] == "oct")
	}
}

// requireGoodKey asserts that the key is one of its algorithm, and not weak.
func requireGoodKey(t *testing.T, alg string, v *verifier) {
	t.Helper()
	a := algorithmByName(alg)
	require.NotNil(t, a)
	require.Equal(t, alg, v.method.Alg())
	require.True(t, a.fits(v.key))
	switch key := v.key.(type) {
	case *rsa.PublicKey:
		require.GreaterOrEqual(t, key.N.BitLen(), 2048)
		require.LessOrEqual(t, key.N.BitLen(), 8192)
		require.GreaterOrEqual(t, key.E, 3)
		require.LessOrEqual(t, key.E, 1<<31-1)
		require.Equal(t, 1, key.E%2)
	case *ecdsa.PublicKey:
		_, err := key.ECDH() // is an error for what is no point
		require.NoError(t, err)
	case ed25519.PublicKey:
		require.NoError(t, checkEd25519(key))
		require.NotContains(t, smallOrder, hex.EncodeToString(key))
	default:
		t.Fatalf("a key of type %T", key)
	}
}

// requirePublished asserts that a ring would publish the key as what it was read
// from.
func requirePublished(t *testing.T, name keyName, v *verifier) {
	t.Helper()
	one := signer{id: name.kid, algorithm: algorithmByName(name.alg)}
	published, err := newDocument([]ringKey{{signer: one, key: Key{ID: name.kid, Algorithm: name.alg, Public: v.key}}})
	require.NoError(t, err)
	set, err := ParseJWKS(published.body)
	require.NoError(t, err)
	again := must(set.current())
	require.Len(t, again.fitting, 1)
	require.Equal(t, v.identity, again.named[name][0].identity)
}

// A key of any fields is accepted if and only if it is a good one.
func FuzzJWK(f *testing.F) {
	point := must(ecKey().PublicKey.Bytes())
	n, public := rsaKey().N.Bytes(), []byte(edKey().Public().(ed25519.PublicKey))
	f.Add("RSA", "", "RS256", "sig", "1", n, []byte{1, 0, 1})
	f.Add("RSA", "", "", "", "", n, []byte{3})
	f.Add("RSA", "", "PS512", "sig", "1", n, []byte{0x7f, 0xff, 0xff, 0xff})
	f.Add("RSA", "", "RS256", "sig", "1", n, []byte{0x80, 0, 0, 1})
	f.Add("RSA", "", "RS256", "sig", "1", append([]byte{0}, n...), []byte{1, 0, 1})
	f.Add("RSA", "", "RS256", "sig", "1", rocaModulus(2048).Bytes(), []byte{1, 0, 1})
	f.Add("RSA", "", "ES256", "sig", "1", n, []byte{1})
	f.Add("RSA", "", "", "", "", append(bytes.Clone(n[:len(n)-1]), 0), []byte{3})
	f.Add("EC", "P-256", "ES256", "sig", "1", point[1:33], point[33:])
	f.Add("EC", "P-256", "", "", "1", point[1:32], point[32:])
	f.Add("EC", "P-256", "", "", "\x00", point[33:], point[1:33])
	f.Add("EC", "P-384", "", "enc", "1", make([]byte, 48), make([]byte, 48))
	f.Add("EC", "secp256k1", "ES256K", "sig", "1", point[1:33], point[33:])
	f.Add("OKP", "Ed25519", "EdDSA", "sig", "1", public, []byte{})
	f.Add("OKP", "X25519", "", "", "1", public, []byte{})
	for _, encoded := range smallOrder {
		f.Add("OKP", "Ed25519", "", "", "1", unhex(encoded), []byte{})
	}
	f.Add("oct", "", "HS256", "sig", "1", testSecret, []byte{})
	f.Fuzz(func(t *testing.T, kty, crv, alg, use, kid string, first, second []byte) {
		members := map[string]string{"kty": kty, "crv": crv, "alg": alg, "use": use, "kid": kid}
		firstName, secondName := "x", "y"
		if kty == "RSA" {
			firstName, secondName = "n", "e"
		}
		members[firstName], members[secondName] = encoding.EncodeToString(first), encoding.EncodeToString(second)
		for name, value := range members {
			if value == "" {
				delete(members, name)
			}
			if !utf8.ValidString(value) {
				return // encoding/json would make another text of it
			}
		}
		text := string(must(json.Marshal(members)))
		var j jwk
		key, err := j.parse(text)
		require.Equal(t, isGoodJWK(kty, crv, alg, use, kid, first, second), err == nil, "%s: %v", text, err)
		if err != nil {
			return
		}
		require.Equal(t, Key{ID: kid, Algorithm: alg, Public: key.Public}, key)
		published := must(newPublicJWK(key.Public))
		require.Equal(t, []string{kty, members["x"], members["n"], members["e"]}, []string{published.Kind, published.X, published.Modulus, published.Exponent})
		require.Equal(t, kty == "EC", published.Y != "")
		k := newKeys()
		require.NoError(t, k.add(key))
		for alg, fitting := range k.fitting {
			requireGoodKey(t, alg, fitting[0])
		}
	})
}

// isGoodJWK says by other means than the parser whether a key is accepted.
func isGoodJWK(kty, crv, alg, use, kid string, first, second []byte) bool {
	if use != "" && use != "sig" || len(kid) > 255 || strings.ContainsFunc(kid, func(r rune) bool { return r < 32 || r == 127 }) {
		return false
	}
	var fitting []string
	switch {
	case kty == "RSA":
		n, e := new(big.Int).SetBytes(first), new(big.Int).SetBytes(second)
		fitting = []string{"", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
		if !slices.Equal(n.Bytes(), first) || !slices.Equal(e.Bytes(), second) || n.BitLen() < 2048 || n.BitLen() > 8192 ||
			n.Bit(0) == 0 || e.BitLen() > 31 || e.Bit(0) == 0 || e.BitLen() < 2 || isROCA(n) {
			return false
		}
	case kty == "EC":
		curve, names := curveOf(crv)
		if curve == nil || len(first) != (curve.Params().BitSize+7)/8 || len(second) != len(first) {
			return false
		}
		p, x, y := curve.Params().P, new(big.Int).SetBytes(first), new(big.Int).SetBytes(second)
		right := new(big.Int).Exp(x, big.NewInt(3), nil) // y² = x³ - 3x + b
		right.Sub(right, new(big.Int).Mul(x, big.NewInt(3))).Add(right, curve.Params().B).Mod(right, p)
		if x.Cmp(p) >= 0 || y.Cmp(p) >= 0 || new(big.Int).Exp(y, big.NewInt(2), p).Cmp(right) != 0 {
			return false
		}
		fitting = names
	case kty == "OKP" && crv == "Ed25519":
		if checkEd25519(first) != nil { // which has a test of its own
			return false
		}
		fitting = []string{"", "EdDSA"}
	}
	return slices.Contains(fitting, alg)
}

func curveOf(crv string) (elliptic.Curve, []string) {
	switch crv {
	case "P-256":
		return elliptic.P256(), []string{"", "ES256"}
	case "P-384":
		return elliptic.P384(), []string{"", "ES384"}
	case "P-521":
		return elliptic.P521(), []string{"", "ES512"}
	}
	return nil, nil
}
