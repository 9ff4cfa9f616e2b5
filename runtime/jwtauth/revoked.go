package jwtauth

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// revocationToken returns what a store knows the token by.
func (c *claims) revocationToken(t *trust) revocation.Token {
	return revocation.Token{
		Issuer:   c.issuer,
		ID:       c.id,
		UserID:   t.prefix + c.subject,
		Family:   c.family,
		IssuedAt: c.issuedAt,
		Expires:  c.expires,
	}
}

// TokenOf returns what a store of revocations knows the token by that a
// principal came with, so that a handler can revoke it, all tokens of its user,
// or its family. The error says that the principal did not come with a token
// that has a jti.
func TokenOf(p *runtime.Principal) (revocation.Token, error) {
	if p.Backend() != name {
		return revocation.Token{}, errors.New("jwtauth.TokenOf: the principal did not come with a token")
	}
	t := revocation.Token{
		Issuer:   textClaim(p, "iss"),
		ID:       textClaim(p, "jti"),
		UserID:   p.UserID(),
		Family:   textClaim(p, "fam"),
		IssuedAt: dateClaim(p, "iat"),
		Expires:  dateClaim(p, "exp"),
	}
	if t.ID == "" {
		return revocation.Token{}, errors.New("jwtauth.TokenOf: the token has no jti")
	}
	return t, nil
}

func textClaim(p *runtime.Principal, name string) string {
	value, _ := p.Claim(name)
	text, _ := value.(string)
	return text
}

// dateClaim returns zero if there is no such claim, or it is no date.
func dateClaim(p *runtime.Principal, name string) time.Time {
	value, _ := p.Claim(name)
	number, _ := value.(json.Number)
	if date, ok := numericDate(strictjson.Value(number)); ok {
		return date
	}
	return time.Time{}
}
