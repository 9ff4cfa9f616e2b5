package jwtauth

import (
	"fmt"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
)

// NewCookie returns the cookie that holds a token, for a backend whose Cookie has
// this name. It goes over TLS only, to this host only, is out of reach for
// scripts, and is not sent with what other sites cause, but for links
// (SameSite=Lax). It ends when the token does: expires is required, and one in
// the past deletes the cookie. The error says that a backend would not take a
// cookie of this name, or that browsers would not store this token.
func NewCookie(name, token string, expires time.Time) (*http.Cookie, error) {
	c, err := credential.NewCookie(name, maxToken)
	if err != nil {
		return nil, fmt.Errorf("jwtauth.NewCookie: name: %w", err)
	}
	cookie, err := c.Set(token, expires)
	if err != nil {
		return nil, fmt.Errorf("jwtauth.NewCookie: %w", err)
	}
	return cookie, nil
}
