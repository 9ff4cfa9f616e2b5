package interop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// signedBy returns a token whose signature another method or key has made.
func signedBy(method jwt.SigningMethod, key any, header string) string {
	text := encode(header) + "." + encode(plainClaimsText)
	return text + "." + encode(string(must(method.Sign(text, key))))
}

func keyTokens() []hostile {
	const (
		confusion  = "RFC 8725 section 2.1: everybody knows the public key"
		notAllowed = "RFC 8725 section 3.1: only configured algorithms"
		theirKey   = "RFC 7515 section 4.1: keys of the token's own are not trusted"
	)
	rs, es, ed := algorithmByName("RS256"), algorithmByName("ES256"), algorithmByName("EdDSA")
	block, _ := pem.Decode([]byte(rs.public))
	thief := must(rsa.GenerateKey(rand.Reader, 2048))
	thiefsKey := string(must(json.Marshal(map[string]string{
		"kty": "RSA", "alg": "RS256", "n": base64.RawURLEncoding.EncodeToString(thief.N.Bytes()), "e": "AQAB",
	})))
	return []hostile{
		{what: "HS256 under the RSA key's PEM", alg: "RS256", why: confusion, token: signedBy(jwt.SigningMethodHS256, []byte(rs.public), plainHeader)},
		{what: "HS256 under the RSA key's PEM without its last line end", alg: "RS256", why: confusion, token: signedBy(jwt.SigningMethodHS256, []byte(strings.TrimSpace(rs.public)), plainHeader)},
		{what: "HS256 under the RSA key's DER", alg: "RS256", why: confusion, token: signedBy(jwt.SigningMethodHS256, block.Bytes, plainHeader)},
		{what: "HS256 under the RSA key's PEM, called RS256", alg: "RS256", why: confusion, token: signedBy(jwt.SigningMethodHS256, []byte(rs.public), `{"alg":"RS256"}`)},
		{what: "HS256 under the EC key's PEM", alg: "ES256", why: confusion, token: signedBy(jwt.SigningMethodHS256, []byte(es.public), plainHeader)},
		{what: "HS256 under the Ed25519 key's PEM", alg: "EdDSA", why: confusion, token: signedBy(jwt.SigningMethodHS256, []byte(ed.public), plainHeader)},
		{what: "HS256 under the empty key", why: "another key", token: signedBy(jwt.SigningMethodHS256, []byte{}, plainHeader)},
		{what: "HS384 where HS256 is configured", why: notAllowed, token: signed("HS384", `{"alg":"HS384"}`, plainClaimsText)},
		{what: "PS256 where RS256 is configured", alg: "RS256", why: notAllowed, token: signed("PS256", `{"alg":"PS256"}`, plainClaimsText)},
		{what: "RS256 where PS256 is configured", alg: "PS256", why: notAllowed, token: signed("RS256", `{"alg":"RS256"}`, plainClaimsText)},
		{what: "RS256, called PS256", alg: "PS256", why: "RFC 7518 section 3.5", token: signed("RS256", `{"alg":"PS256"}`, plainClaimsText)},
		{what: "RS512 where RS256 is configured", alg: "RS256", why: notAllowed, token: signed("RS512", `{"alg":"RS512"}`, plainClaimsText)},
		{what: "ES384 where ES256 is configured", alg: "ES256", why: notAllowed, token: signed("ES384", `{"alg":"ES384"}`, plainClaimsText)},
		{what: "ES384, called ES256", alg: "ES256", why: "RFC 7518 section 3.4: another curve", token: signed("ES384", `{"alg":"ES256"}`, plainClaimsText)},
		{what: "Ed25519 (RFC 9864) where EdDSA is configured", alg: "EdDSA", why: notAllowed, token: signed("EdDSA", `{"alg":"Ed25519"}`, plainClaimsText)},
		{what: "`jwk` with the thief's key", alg: "RS256", why: theirKey, token: signedBy(jwt.SigningMethodRS256, thief, `{"alg":"RS256","jwk":`+thiefsKey+`}`)},
		{what: "`jku` and `x5u` of the thief", alg: "RS256", why: theirKey, token: signedBy(jwt.SigningMethodRS256, thief, `{"alg":"RS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}`)},
		{what: "`kid` a path to a file of nothing, signed with nothing", why: "kid is never a path", token: signedBy(jwt.SigningMethodHS256, []byte{}, `{"alg":"HS256","kid":"../../../../dev/null"}`)},
	}
}

func signatureTokens() []hostile {
	return slices.Concat(macTokens(), rsaTokens(), ecdsaTokens(), ed25519Tokens())
}

// goodParts returns what is signed of a good token of the algorithm, and its
// signature.
func goodParts(alg string) (text string, signature []byte) {
	text = encode(`{"alg":"`+alg+`"}`) + "." + encode(plainClaimsText)
	return text, algorithmByName(alg).sign(text)
}

func macTokens() []hostile {
	text, mac := goodParts("HS256")
	bits := slices.Clone(mac)
	bits[31] ^= 1
	other := encode(`{"alg":"HS256"}`) + "." + encode(with("sub", `"1"`))
	return []hostile{
		{what: "no signature", why: "RFC 7515 section 5.2", token: text + "."},
		{what: "HS256: the first byte only", why: "RFC 7518 section 3.2: the whole code", token: text + "." + encode(string(mac[:1]))},
		{what: "HS256: the first 16 bytes only", why: "RFC 7518 section 3.2: the whole code", token: text + "." + encode(string(mac[:16]))},
		{what: "HS256: a byte behind it", why: "RFC 7518 section 3.2: the whole code", token: text + "." + encode(string(mac)+"\x00")},
		{what: "HS256: one bit off", why: "RFC 7518 section 3.2", token: text + "." + encode(string(bits))},
		{what: "HS256: that of another payload", why: "RFC 7515 section 5.2", token: other + "." + encode(string(mac))},
		{what: "HS256: in hexadecimal", why: "RFC 7515 section 2: base64url", token: text + "." + hex.EncodeToString(mac)},
	}
}

func rsaTokens() []hostile {
	text, signature := goodParts("RS256")
	bare := text + "."
	pss := encode(`{"alg":"PS256"}`) + "." + encode(plainClaimsText)
	digest := sha256.Sum256([]byte(pss))
	salted := func(size int) string {
		key := algorithmByName("PS256").signer.(*rsa.PrivateKey)
		return pss + "." + encode(string(must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: size}))))
	}
	return []hostile{
		{what: "RS256: a zero byte before it", alg: "RS256", why: "RFC 8017 section 8.2.2: as long as the modulus", token: bare + encode("\x00"+string(signature))},
		{what: "RS256: zero", alg: "RS256", why: "RFC 8017 section 8.2.2", token: bare + encode(string(make([]byte, 256)))},
		{what: "RS256: the modulus", alg: "RS256", why: "RFC 8017 section 5.2.2: out of range", token: bare + encode(string(algorithmByName("RS256").signer.(*rsa.PrivateKey).N.Bytes()))},
		{what: "PS256 without salt", alg: "PS256", why: "RFC 7518 section 3.5: a salt of the size of the hash", token: salted(0)},
		{what: "PS256 with a salt of 20 bytes", alg: "PS256", why: "RFC 7518 section 3.5: a salt of the size of the hash", token: salted(20)},
		{what: "PS256 with the longest salt", alg: "PS256", why: "RFC 7518 section 3.5: a salt of the size of the hash", token: salted(rsa.PSSSaltLengthAuto)},
	}
}

func ecdsaTokens() []hostile {
	const length = "RFC 7518 section 3.4: 64 bytes, r and s"
	const ranges = "FIPS 186-5 section 6.4.2: 0 < r, s < n"
	text, signature := goodParts("ES256")
	key := algorithmByName("ES256").signer.(*ecdsa.PrivateKey)
	n := elliptic.P256().Params().N.FillBytes(make([]byte, 32))
	digest := sha256.Sum256([]byte(text))
	token := func(signature ...[]byte) string {
		return text + "." + encode(string(slices.Concat(signature...)))
	}
	r, s, zero := signature[:32], signature[32:], make([]byte, 32)
	return []hostile{
		{what: "ES256: r and s zero", alg: "ES256", why: ranges + " (CVE-2022-21449)", token: token(zero, zero)},
		{what: "ES256: r and s the order of the curve", alg: "ES256", why: ranges, token: token(n, n)},
		{what: "ES256: s zero", alg: "ES256", why: ranges, token: token(r, zero)},
		{what: "ES256: r and s exchanged", alg: "ES256", why: "RFC 7518 section 3.4", token: token(s, r)},
		{what: "ES256: in DER", alg: "ES256", why: length, token: token(must(ecdsa.SignASN1(rand.Reader, key, digest[:])))},
		{what: "ES256: 63 bytes", alg: "ES256", why: length, token: token(signature[:63])},
		{what: "ES256: 65 bytes", alg: "ES256", why: length, token: token(signature, zero[:1])},
		{what: "ES256: r and s of 33 bytes", alg: "ES256", why: length, token: token(zero[:1], r, zero[:1], s)},
		{what: "ES256: empty", alg: "ES256", why: length, token: token()},
	}
}

func ed25519Tokens() []hostile {
	text, signature := goodParts("EdDSA")
	prehashed := must(algorithmByName("EdDSA").signer.(ed25519.PrivateKey).Sign(rand.Reader, sha512Of(text), &ed25519.Options{Hash: crypto.SHA512}))
	return []hostile{
		{what: "EdDSA: s + L", alg: "EdDSA", why: "RFC 8032 section 5.1.7: s < L; else one token has several texts", token: text + "." + encode(string(addOrder(signature)))},
		{what: "EdDSA: 63 bytes", alg: "EdDSA", why: "RFC 8032 section 5.1.7: 64 bytes", token: text + "." + encode(string(signature[:63]))},
		{what: "EdDSA: zero", alg: "EdDSA", why: "RFC 8032 section 5.1.7", token: text + "." + encode(string(make([]byte, 64)))},
		{what: "EdDSA: Ed25519ph", alg: "EdDSA", why: "RFC 8037 section 3.1: Ed25519 and Ed448", token: text + "." + encode(string(prehashed))},
	}
}

func sha512Of(text string) []byte {
	h := crypto.SHA512.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// addOrder returns the Ed25519 signature with the group's order added to s,
// which leaves the equation as true as it was.
func addOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s) // little-endian
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return slices.Concat(signature[:32], sum)
}
