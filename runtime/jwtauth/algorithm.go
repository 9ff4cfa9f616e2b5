package jwtauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// An algorithm is one of RFC 7518 section 3.1 or RFC 8037 section 3.1.
type algorithm struct {
	name   string
	method jwt.SigningMethod
	fits   func(key any) bool // whether a public key, or the []byte of a secret, is one of this algorithm
}

// algorithms are all that tokens may be signed with. Names are compared byte by
// byte: what is not here, "none" and "hs256" among it, can neither be
// configured nor be accepted from a token.
var algorithms = []*algorithm{
	{"HS256", jwt.SigningMethodHS256, isSecret},
	{"HS384", jwt.SigningMethodHS384, isSecret},
	{"HS512", jwt.SigningMethodHS512, isSecret},
	{"RS256", jwt.SigningMethodRS256, isRSA},
	{"RS384", jwt.SigningMethodRS384, isRSA},
	{"RS512", jwt.SigningMethodRS512, isRSA},
	{"PS256", pss("PS256", crypto.SHA256), isRSA},
	{"PS384", pss("PS384", crypto.SHA384), isRSA},
	{"PS512", pss("PS512", crypto.SHA512), isRSA},
	{"ES256", jwt.SigningMethodES256, isECDSA(elliptic.P256())},
	{"ES384", jwt.SigningMethodES384, isECDSA(elliptic.P384())},
	{"ES512", jwt.SigningMethodES512, isECDSA(elliptic.P521())},
	{"EdDSA", jwt.SigningMethodEdDSA, isEd25519},
}

// pss returns RSASSA-PSS with a salt of exactly the size of the hash, as RFC
// 7518 section 3.5 has it. golang-jwt's own methods verify any size.
func pss(name string, hash crypto.Hash) jwt.SigningMethod {
	return &jwt.SigningMethodRSAPSS{
		SigningMethodRSA: &jwt.SigningMethodRSA{Name: name, Hash: hash},
		Options:          &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash},
	}
}

// algorithmByName returns nil for a name that is not known.
func algorithmByName(name string) *algorithm {
	i := slices.IndexFunc(algorithms, func(a *algorithm) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return algorithms[i]
}

// symmetric reports whether whoever can verify can also sign.
func (a *algorithm) symmetric() bool {
	_, ok := a.method.(*jwt.SigningMethodHMAC)
	return ok
}

func isSecret(key any) bool {
	_, ok := key.([]byte)
	return ok
}

func isRSA(key any) bool {
	_, ok := key.(*rsa.PublicKey)
	return ok
}

func isECDSA(curve elliptic.Curve) func(any) bool {
	return func(key any) bool {
		public, ok := key.(*ecdsa.PublicKey)
		return ok && public.Curve == curve
	}
}

func isEd25519(key any) bool {
	_, ok := key.(ed25519.PublicKey)
	return ok
}
