package jwtauth

import (
	"errors"
	"net/http"

	"github.com/boltauthgen/boltauthgen/internal/credential"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A source is where tokens are looked for. What is nil is not looked at.
type source struct {
	header        credential.Header
	headerAmbient bool // a proxy makes the header of a cookie
	cookie        *credential.Cookie
	subprotocol   *credential.Subprotocol
	query         *credential.Query
}

// source returns where a configuration has tokens looked for.
func (c Config) source() (s source, err error) {
	s.headerAmbient = c.HeaderIsAmbient
	var problems []error
	s.header, err = credential.NewHeader(orDefault(c.Header, "Authorization"), maxToken, "Bearer")
	problems = append(problems, named("Header", err))
	if c.Cookie != "" {
		cookie, err := credential.NewCookie(c.Cookie, maxToken)
		s.cookie, problems = &cookie, append(problems, named("Cookie", err))
	}
	if c.WebSocketProtocol != "" {
		subprotocol, err := credential.NewSubprotocol(c.WebSocketProtocol, maxToken)
		s.subprotocol, problems = &subprotocol, append(problems, named("WebSocketProtocol", err))
	}
	if c.Query != "" {
		query, err := credential.NewQuery(c.Query, maxToken)
		s.query, problems = &query, append(problems, named("Query", err))
	}
	return s, errors.Join(problems...)
}

// read returns the token of the first place that has one, however bad it is,
// and whether the browser may have sent it by itself.
func (s *source) read(r *http.Request) (text string, ambient bool, err error) {
	if text, err = s.header.Read(r); err != runtime.ErrNoCredentials {
		return text, s.headerAmbient, err
	}
	if s.subprotocol != nil {
		if text, err = s.subprotocol.Read(r); err != runtime.ErrNoCredentials {
			return text, false, err
		}
	}
	if s.query != nil {
		if text, err = s.query.Read(r); err != runtime.ErrNoCredentials {
			return text, false, err
		}
	}
	if s.cookie != nil {
		if text, err = s.cookie.Read(r); err != runtime.ErrNoCredentials {
			return text, true, err
		}
	}
	return "", false, runtime.ErrNoCredentials
}
