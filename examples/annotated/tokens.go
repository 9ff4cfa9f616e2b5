package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// lifetime is how long an access token is good for.
const lifetime = time.Hour

// Tokens gives tokens out and takes them back. It is safe for concurrent use.
type Tokens struct {
	pairs       *jwtauth.PairIssuer // nil if tokens come from somebody else
	revocations revocation.Store
}

var (
	errNoIssuer = runtime.NewError(http.StatusNotImplemented, "Tokens for this service are issued elsewhere", nil)
	errNoToken  = runtime.NewError(http.StatusForbidden, "This is for users who came with a token", nil)
)

// newTokens returns the tokens of a server. It gives out none if public keys verify them: the private ones are somebody else's.
func newTokens(ctx context.Context, s settings, db *sql.DB, users Users, revocations revocation.Store) (*Tokens, error) {
	tokens := &Tokens{revocations: revocations}
	if s.foreign() {
		return tokens, nil
	}
	config := jwtauth.IssuerConfig{Secret: s.secret, Issuer: s.issuer, Audience: s.audience, Lifetime: lifetime}
	if len(s.algorithms) > 0 {
		config.Algorithm = s.algorithms[0]
	}
	issuer, err := jwtauth.NewIssuer(config)
	if err != nil {
		return nil, err
	}
	families, err := refresh.NewSQL(ctx, refresh.SQLConfig{DB: db})
	if err != nil {
		return nil, err
	}
	tokens.pairs, err = jwtauth.NewPairIssuer(jwtauth.PairConfig{
		Issuer: issuer, Store: families, Revocation: revocations, User: users.Account,
	})
	return tokens, err
}

// LogIn returns the first pair of tokens for a user who just logged in.
func (t *Tokens) LogIn(ctx context.Context, user *User) (jwtauth.Pair, error) {
	if t.pairs == nil {
		return jwtauth.Pair{}, errNoIssuer
	}
	return t.pairs.LogIn(ctx, formatID(user.ID), jwtauth.LoginOptions{})
}

// Refresh returns the next pair of tokens.
func (t *Tokens) Refresh(ctx context.Context, token string) (jwtauth.Pair, error) {
	if t.pairs == nil {
		return jwtauth.Pair{}, errNoIssuer
	}
	return t.pairs.Refresh(ctx, token, "")
}

// Revoke ends one token, and all that descend from the same login.
func (t *Tokens) Revoke(ctx context.Context, token revocation.Token) error {
	if t.pairs != nil {
		return t.pairs.LogOut(ctx, token)
	}
	return unavailable("revoke token", t.revocations.Revoke(ctx, token))
}

// RevokeUser ends all tokens of a user, that which they came with included.
func (t *Tokens) RevokeUser(ctx context.Context, p *runtime.Principal) error {
	if t.pairs != nil && p.Backend() != keyBackend {
		if err := t.pairs.LogOutUser(ctx, p.UserID()); err != nil {
			return err
		}
	}
	if p.Backend() == sessionBackend {
		return nil // a token that it could be about is one of the pairs
	}
	token, err := tokenOf(p)
	if err != nil {
		return err
	}
	// The token may be from elsewhere, by another issuer's name and clock.
	until := time.Now()
	if token.IssuedAt.After(until) {
		until = token.IssuedAt
	}
	return unavailable("revoke tokens of user", t.revocations.RevokeUser(ctx, token.Issuer, token.UserID, until))
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

// Account returns a user as tokens describe them, or runtime.ErrNotFound for one who is inactive or deleted.
func (u Users) Account(ctx context.Context, id string) (jwtauth.Account, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return jwtauth.Account{}, runtime.ErrNotFound
	}
	user, err := u.ByID(ctx, number)
	if err == nil && !user.isActive {
		err = runtime.ErrNotFound
	}
	if err != nil {
		return jwtauth.Account{}, err
	}
	permissions, err := u.Permissions(ctx, user.ID)
	return jwtauth.Account{
		User:   jwtauth.User{ID: id, Username: user.Username, Email: user.Email, Staff: user.IsStaff, Superuser: user.IsSuperuser},
		Claims: map[string]any{"permissions": permissions},
	}, err
}

// cookieName is the cookie that holds an access token for those who log in with one.
const cookieName = "__Host-access_token"

// sendCookie answers with the cookie, and nothing else. A time in the past deletes it.
func sendCookie(w http.ResponseWriter, token string, expires time.Time) error {
	cookie, err := jwtauth.NewCookie(cookieName, token, expires)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var crossOrigin = http.NewCrossOriginProtection()

// sameOrigin refuses requests that pages of other sites cause.
func sameOrigin(r *http.Request) error {
	if err := crossOrigin.Check(r); err != nil {
		return fmt.Errorf("%w: %w", runtime.ErrForbidden, err)
	}
	return nil
}
