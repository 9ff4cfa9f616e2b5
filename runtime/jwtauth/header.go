package jwtauth

import (
	"strings"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

// A header is what is read of a token's JOSE header (RFC 7515 section 4).
// Fields that name or hold a key (jku, jwk, x5u, x5c) are the sender's idea of
// whom to trust, so they are not read.
type header struct {
	alg string // empty if there is none, or it is no string
	kid string // empty if there is none
	typ string // in small letters without "application/"; empty if there is none
}

var headerNames = []string{"alg", "kid", "typ", "crit", "b64", "zip", "cty"}

// parse reads the header's text. h must be zero.
func (h *header) parse(text string) error {
	var object strictjson.Object
	object.Open(text)
	for object.Next() {
		if err := h.set(object.Name(), object.Value()); err != nil {
			return err
		}
	}
	if object.Err() != nil {
		return errHeader
	}
	return nil
}

func (h *header) set(name string, value strictjson.Value) error {
	ok := true
	switch name {
	case "alg":
		h.alg, _ = value.String() // an empty one cannot be configured
	case "kid":
		if h.kid, ok = value.String(); !ok || !isKeyID(h.kid) {
			return errKeyID
		}
	case "typ":
		if h.typ, ok = value.String(); !ok || h.typ == "" {
			return errType
		}
		h.typ = mediaType(h.typ)
	case "crit", "b64", "zip", "cty":
		// crit and b64 (RFC 7797) change what the signature is about, zip and cty
		// what the payload is. Nothing that is understood here uses them.
		return errExtension
	default:
		if lookalike(name, headerNames) {
			return errLookalike
		}
	}
	return nil
}

// isKeyID reports whether a kid has a sensible size and no control characters.
func isKeyID(kid string) bool {
	if kid == "" || len(kid) > maxName {
		return false
	}
	return strings.IndexFunc(kid, func(c rune) bool { return c < ' ' || c == 0x7f }) < 0
}

// mediaType returns the type in small letters, without the prefix that may be
// left out (RFC 7515 section 4.1.9).
func mediaType(typ string) string {
	if typ == "JWT" { // nearly always
		return "jwt"
	}
	return strings.TrimPrefix(strings.ToLower(typ), "application/")
}
