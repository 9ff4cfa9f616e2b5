package jwtauth

import (
	"errors"
	"fmt"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// All that a token can be refused for stands here. Each is a
// [runtime.ErrInvalidCredentials] with a text of its own that holds nothing of
// the token: observers may count by it, clients never see it.
var (
	errSize      = invalid("token is too long")
	errShape     = invalid("token is not three parts of base64url")
	errHeader    = invalid("header is not a strict JSON object")
	errClaims    = invalid("claims are not a strict JSON object")
	errSignature = invalid("signature is not that of a trusted key")

	errAlgorithm = invalid("header alg is missing or not allowed")
	errKeyID     = invalid("header kid is not a string of 1 to 255 bytes without control characters")
	errType      = invalid("header typ is not the one that is expected")
	errExtension = invalid("header asks for an extension: crit, b64, zip, cty")

	errLookalike   = invalid("a name is another one's look-alike")
	errSubject     = invalid("claim sub is missing or not a user id")
	errReserved    = invalid("claim sub has the prefix of API keys, or of another issuer")
	errIssuer      = invalid("claim iss is missing, not a string, or another issuer's")
	errAudience    = invalid("claim aud is missing, not a string or list of strings, or another audience's")
	errNoAudience  = invalid("claim aud is present, and no audience is configured")
	errExpiry      = invalid("claim exp is missing or not a time")
	errExpired     = invalid("token has expired")
	errNotBefore   = invalid("claim nbf is not a time")
	errEarly       = invalid("token is not valid yet")
	errIssuedAt    = invalid("claim iat is not a time, or not one before exp")
	errFuture      = invalid("token was issued in the future")
	errAge         = invalid("token is too old, or claim iat is missing")
	errTokenID     = invalid("claim jti is missing or not an identifier")
	errFamily      = invalid("claim fam is not an identifier")
	errAuthTime    = invalid("claim auth_time is not a time")
	errFlag        = invalid("claim is_staff or is_superuser is not true or false")
	errPermissions = invalid("claim permissions is not a list of names")
	errScope       = invalid("claim scope is not a string or list of strings")
	errPurpose     = invalid("token is not meant for access")
	errBound       = invalid("token is bound to a proof of possession")
)

// Errors that are no judgement on the token.
var (
	errNotMade = errors.New("jwtauth: the backend was not made by New")
)

func invalid(reason string) error {
	return fmt.Errorf("%w: %s", runtime.ErrInvalidCredentials, reason)
}
