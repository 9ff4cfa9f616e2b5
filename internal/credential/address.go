package credential

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var (
	errSeveralParameters = fmt.Errorf("%w: the query parameter is there more than once", runtime.ErrInvalidCredentials)
	errSeveralProtocols  = fmt.Errorf("%w: more than one subprotocol holds a credential", runtime.ErrInvalidCredentials)
)

// A Query is the parameter of a URL's query that holds a credential (RFC 6750
// section 2.3). URLs end up in logs and histories, so it is for clients that
// have no other way.
type Query struct {
	name  string
	limit int
}

// NewQuery returns the parameter of the given name. Credentials longer than
// limit bytes are refused.
func NewQuery(name string, limit int) (Query, error) {
	if name == "" || strings.Trim(name, unreserved) != "" {
		return Query{}, errors.New("not made of letters, digits and -._~")
	}
	return Query{name: name, limit: limit}, nil
}

// unreserved are the characters that mean themselves wherever they are in a URL
// (RFC 3986 section 2.3).
const unreserved = "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Read returns the credential of a request. It is never empty. The error is
// [runtime.ErrNoCredentials] if the parameter is missing or empty, and a
// [runtime.ErrInvalidCredentials] if it is there more than once or too long.
func (q Query) Read(r *http.Request) (string, error) {
	if r.URL == nil {
		return "", runtime.ErrNoCredentials
	}
	var found string
	times := 0
	for rest, more := r.URL.RawQuery, true; more; { // what a credential is made of needs no escapes
		var pair string
		pair, rest, more = strings.Cut(rest, "&")
		name, value, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err != nil || name != q.name {
			continue
		}
		found = value
		times++
	}
	return only(found, times, errSeveralParameters, q.limit)
}

// A Subprotocol is the subprotocol of a WebSocket that holds a credential behind
// a prefix and a dot: browsers let a page set no other header field there. The
// server answers with another one of the client's list, so that the credential
// is not repeated.
type Subprotocol struct {
	prefix string
	limit  int
}

// NewSubprotocol returns the subprotocol with the given prefix, "bearer" for
// bearer.CREDENTIAL. Credentials longer than limit bytes are refused.
func NewSubprotocol(prefix string, limit int) (Subprotocol, error) {
	if prefix == "" || strings.Trim(prefix, tokenCharacters) != "" {
		return Subprotocol{}, errors.New("not a name of a subprotocol")
	}
	return Subprotocol{prefix: prefix + ".", limit: limit}, nil
}

// Read returns the credential of a request that asks for a WebSocket. It is
// never empty. The error is [runtime.ErrNoCredentials] if there is none, and a
// [runtime.ErrInvalidCredentials] if there are several, or it is too long.
func (s Subprotocol) Read(r *http.Request) (string, error) {
	if len(r.Header["Upgrade"]) == 0 {
		return "", runtime.ErrNoCredentials
	}
	var found string
	times := 0
	for _, line := range r.Header["Sec-Websocket-Protocol"] {
		for more := true; more; {
			var protocol string
			protocol, line, more = strings.Cut(line, ",")
			if credential, ok := strings.CutPrefix(trimSpace(protocol), s.prefix); ok {
				found = credential
				times++
			}
		}
	}
	return only(found, times, errSeveralProtocols, s.limit)
}
