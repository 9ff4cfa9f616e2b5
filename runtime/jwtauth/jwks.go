package jwtauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

const (
	// maxJWKS is the length of the longest JWK set that is looked at.
	maxJWKS = 512 << 10

	// maxJWKSKeys is how many keys a set may have, those included that are left
	// out.
	maxJWKSKeys = 100

	// maxJWKSMembers is how many members all of them may have together.
	maxJWKSMembers = 4096
)

// ParseJWKS returns the public keys of a JWK set (RFC 7517 section 5): RSA keys
// of 2048 to 8192 bits, EC keys on P-256, P-384 and P-521, and OKP keys on
// Ed25519 (RFC 8037), at most 100 in 512 KiB. A token is verified with the one
// key that its kid and alg name, and without kid only if exactly one key fits
// its alg.
//
// Keys that sign no tokens are left out: of another use than sig, without
// verify in key_ops, and of a kty, crv or alg that is not known here. An error
// is what must not be in a published set, or could be understood in two ways:
// symmetric and private keys, keys that are too weak, not on their curve, or not
// in their canonical form, an alg that does not fit its key, different keys of
// one kid and alg, and duplicate names. So is a set without a key that is left.
// Certificates and addresses (x5c, x5u) are not looked at.
func ParseJWKS(json []byte) (KeySet, error) {
	k, refused, err := parseJWKS(string(json))
	if err := errors.Join(append(refused, err)...); err != nil {
		return nil, fmt.Errorf("jwtauth.ParseJWKS: %w", err)
	}
	return fixedKeys{k}, nil
}

// What a JWK set is refused for as a whole.
var (
	errJWKSSize  = fmt.Errorf("longer than %d bytes", maxJWKS)
	errJWKSShape = errors.New("not a strict JSON object with an array keys of objects")
	errJWKSCount = fmt.Errorf("more than %d keys", maxJWKSKeys)
	errJWKSEmpty = errors.New("no key that verifies tokens")
)

// parseJWKS returns the keys of a set, and why others of it are refused, which
// names their place in the set. The keys are nil if and only if err is not: then
// the set has none, or cannot be read at all.
func parseJWKS(text string) (k *keys, refused []error, err error) {
	members, err := keysOf(text)
	if err != nil {
		return nil, nil, err
	}
	var list []Key
	for i, member := range members {
		var j jwk
		key, err := j.parse(string(member))
		switch {
		case err == errLeftOut:
		case err != nil:
			refused = append(refused, fmt.Errorf("key %d: %w", i, err))
		default:
			list = append(list, key)
		}
	}
	k, more := unambiguousKeys(list)
	if refused = append(refused, more...); len(k.fitting) == 0 {
		return nil, refused, errJWKSEmpty
	}
	return k, refused, nil
}

// keysOf returns the elements of the member keys, all of them objects.
func keysOf(text string) (members []strictjson.Value, err error) {
	if len(text) > maxJWKS {
		return nil, errJWKSSize
	}
	var object strictjson.Object
	object.OpenLarge(text, maxJWKSMembers)
	found := false
	for object.Next() {
		if object.Name() != "keys" {
			if lookalike(object.Name(), []string{"keys"}) {
				return nil, errJWKSShape
			}
			continue
		}
		value := object.Value()
		found = value.IsArray()
		for element := range value.Elements {
			if members = append(members, element); len(members) > maxJWKSKeys {
				return nil, errJWKSCount
			}
		}
	}
	switch {
	case object.Err() != nil || !found:
		return nil, errJWKSShape
	case slices.ContainsFunc(members, func(m strictjson.Value) bool { return m[0] != '{' }):
		return nil, errJWKSShape
	}
	return members, nil
}

// unambiguousKeys returns the keys without those that share their kid and an
// algorithm with a different one.
func unambiguousKeys(list []Key) (k *keys, refused []error) {
	k = newKeys()
	ambiguous := make(map[string]bool)
	for _, key := range list {
		if err := k.add(key); err != nil {
			refused = append(refused, fmt.Errorf("kid %q: %w", key.ID, err))
			ambiguous[key.ID] = true
		}
	}
	if len(ambiguous) == 0 {
		return k, nil
	}
	k, _ = unambiguousKeys(slices.DeleteFunc(slices.Clone(list), func(key Key) bool { return ambiguous[key.ID] }))
	return k, refused
}

// A jwk is what is read of a JSON Web Key (RFC 7517 section 4, RFC 7518 section
// 6, RFC 8037 section 2).
type jwk struct {
	kty, use, alg, kid, crv string
	n, e, x, y              string // in base64url
	keyOps                  strictjson.Value
}

// errLeftOut says that a key is none that verifies tokens.
var errLeftOut = errors.New("left out")

// What a key is refused for.
var (
	errJWKShape     = errors.New("not a strict JSON object, a member is not of its type, or kty or crv is missing")
	errJWKSymmetric = errors.New("a symmetric key, which nobody may publish")
	errJWKPrivate   = errors.New("a private key, which nobody may publish")
	errJWKNumber    = errors.New("a member is not canonical base64url of its length")
)

// parse reads the text of a key. j must be zero. The error is errLeftOut if the
// key is of no interest.
func (j *jwk) parse(text string) (Key, error) {
	var object strictjson.Object
	object.Open(text)
	for object.Next() {
		if err := j.set(object.Name(), object.Value()); err != nil {
			return Key{}, err
		}
	}
	switch {
	case object.Err() != nil || j.kty == "" || j.kty == "EC" && j.crv == "" || j.kty == "OKP" && j.crv == "":
		return Key{}, errJWKShape
	case j.kty == "oct":
		return Key{}, errJWKSymmetric
	case !j.signs():
		return Key{}, errLeftOut
	}
	public, err := j.public()
	if err != nil {
		return Key{}, err
	}
	key := Key{ID: j.kid, Algorithm: j.alg, Public: public}
	_, err = key.check()
	return key, err
}

var jwkNames = []string{"kty", "use", "key_ops", "alg", "kid", "crv", "n", "e", "x", "y", "d", "k", "p", "q", "dp", "dq", "qi", "oth"}

func (j *jwk) set(name string, value strictjson.Value) error {
	var text *string
	switch name {
	case "kty":
		text = &j.kty
	case "use":
		text = &j.use
	case "alg":
		text = &j.alg
	case "kid":
		text = &j.kid
	case "crv":
		text = &j.crv
	case "n":
		text = &j.n
	case "e":
		text = &j.e
	case "x":
		text = &j.x
	case "y":
		text = &j.y
	case "key_ops":
		if j.keyOps = value; !value.IsArray() {
			return errJWKShape
		}
		return nil
	case "k":
		return errJWKSymmetric
	case "d", "p", "q", "dp", "dq", "qi", "oth":
		return errJWKPrivate
	default:
		if lookalike(name, jwkNames) {
			return errJWKShape
		}
		return nil
	}
	var ok bool
	if *text, ok = value.String(); !ok || *text == "" {
		return errJWKShape
	}
	return nil
}

// signs reports whether the key may verify signatures of an algorithm that is
// known.
func (j *jwk) signs() bool {
	if j.use != "" && j.use != "sig" {
		return false
	}
	if j.alg != "" && algorithmByName(j.alg) == nil {
		return false
	}
	verifies := j.keyOps == ""
	for operation := range j.keyOps.Elements {
		if text, _ := operation.String(); text == "verify" {
			verifies = true
		}
	}
	return verifies
}

func (j *jwk) public() (crypto.PublicKey, error) {
	switch j.kty {
	case "RSA":
		return j.publicRSA()
	case "EC":
		return j.publicECDSA()
	case "OKP":
		if j.crv != "Ed25519" {
			return nil, errLeftOut
		}
		raw, ok := decodeBase64(j.x)
		if !ok || len(raw) != ed25519.PublicKeySize {
			return nil, errJWKNumber
		}
		return ed25519.PublicKey(raw), nil
	}
	return nil, errLeftOut
}

func (j *jwk) publicRSA() (crypto.PublicKey, error) {
	n, ok := decodeBase64(j.n)
	if !ok || n[0] == 0 {
		return nil, errJWKNumber
	}
	e, ok := decodeBase64(j.e)
	if !ok || e[0] == 0 || len(e) > 4 || len(e) == 4 && e[0] > 0x7f {
		return nil, errJWKNumber
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

func (j *jwk) publicECDSA() (crypto.PublicKey, error) {
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	curve := curves[j.crv]
	if curve == nil {
		return nil, errLeftOut
	}
	size := (curve.Params().BitSize + 7) / 8
	x, xOK := decodeBase64(j.x)
	y, yOK := decodeBase64(j.y)
	if !xOK || !yOK || len(x) != size || len(y) != size {
		return nil, errJWKNumber
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, errNoPoint
	}
	return key, nil
}

// decodeBase64 decodes what is not empty and in the one canonical form.
func decodeBase64(text string) ([]byte, bool) {
	raw, err := encoding.DecodeString(text)
	// The encoding skips line ends, so with one of them too little comes out.
	if err != nil || len(raw) == 0 || len(raw) != encoding.DecodedLen(len(text)) {
		return nil, false
	}
	return raw, true
}
