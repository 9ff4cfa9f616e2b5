package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// lifetime is how long a token is good for.
const lifetime = time.Hour

// Tokens gives tokens out and takes them back. It is safe for concurrent use.
type Tokens struct {
	issuer      *jwtauth.Issuer // nil if tokens come from somebody else
	revocations revocation.Store
}

// A tokenResponse is the answer to a login (RFC 6749 section 5.1).
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

var (
	errNoIssuer = runtime.NewError(http.StatusNotImplemented, "Tokens for this service are issued elsewhere", nil)
	errNoToken  = runtime.NewError(http.StatusForbidden, "This is for users who came with a token", nil)
)

// newTokens returns the tokens of a server. It gives out none if public keys verify them: the private ones are somebody else's.
func newTokens(s settings, revocations revocation.Store) (*Tokens, error) {
	tokens := &Tokens{revocations: revocations}
	if s.keys != nil {
		return tokens, nil
	}
	config := jwtauth.IssuerConfig{Secret: s.secret, Issuer: s.issuer, Audience: s.audience, Lifetime: lifetime}
	if len(s.algorithms) > 0 {
		config.Algorithm = s.algorithms[0]
	}
	var err error
	tokens.issuer, err = jwtauth.NewIssuer(config)
	return tokens, err
}

// Issue returns a token for a user who just logged in.
func (t *Tokens) Issue(user *User, permissions []string) (*tokenResponse, error) {
	if t.issuer == nil {
		return nil, errNoIssuer
	}
	token, err := t.issuer.Token(
		jwtauth.User{ID: strconv.FormatInt(user.ID, 10), Username: user.Username, Email: user.Email, Staff: user.IsStaff, Superuser: user.IsSuperuser},
		jwtauth.TokenOptions{AuthTime: time.Now(), Claims: map[string]any{"permissions": permissions}},
	)
	if err != nil {
		return nil, err
	}
	return &tokenResponse{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(lifetime / time.Second)}, nil
}

// Revoke ends one token.
func (t *Tokens) Revoke(ctx context.Context, token revocation.Token) error {
	return unavailable("revoke token", t.revocations.Revoke(ctx, token))
}

// RevokeUser ends all tokens of the token's user, this one included.
func (t *Tokens) RevokeUser(ctx context.Context, token revocation.Token) error {
	return unavailable("revoke tokens of user", t.revocations.RevokeUser(ctx, token.Issuer, token.UserID, time.Now()))
}

// unavailable makes the error of a store one that asks the client to try again.
func unavailable(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: %w", operation, runtime.ErrUnavailable, err)
}

// tokenOf returns what the token that a principal came with can be revoked by. API keys have none.
func tokenOf(p *runtime.Principal) (revocation.Token, error) {
	token, err := jwtauth.TokenOf(p)
	if err != nil {
		return revocation.Token{}, fmt.Errorf("%w: %w", errNoToken, err)
	}
	return token, nil
}
