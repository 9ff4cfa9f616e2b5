package credential

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// hostPrefix begins the names of cookies that only the host itself can set, over
// TLS (RFC 6265bis section 4.1.3.2).
const hostPrefix = "__Host-"

var errSeveralCookies = fmt.Errorf("%w: the cookie is there more than once", runtime.ErrInvalidCredentials)

// A Cookie is the cookie that holds a credential.
type Cookie struct {
	name  string
	limit int
}

// NewCookie returns the cookie of the given name. Credentials longer than limit
// bytes are refused. A name that does not begin with __Host- is an error: pages
// of the host's other subdomains could set such a cookie.
func NewCookie(name string, limit int) (Cookie, error) {
	if strings.Trim(name, tokenCharacters) != "" {
		return Cookie{}, errors.New("not a name of a cookie")
	}
	if !strings.HasPrefix(name, hostPrefix) || name == hostPrefix {
		return Cookie{}, fmt.Errorf("does not begin with %s, so other hosts of the domain could set it", hostPrefix)
	}
	return Cookie{name: name, limit: limit}, nil
}

// Read returns the credential of a request as it is in the header, quotes
// included. It is never empty. The error is [runtime.ErrNoCredentials] if the
// cookie is missing or empty, and a [runtime.ErrInvalidCredentials] if it is
// there more than once or too long. It does not allocate, whatever the number of
// cookies.
func (c Cookie) Read(r *http.Request) (string, error) {
	var found string
	times := 0
	for _, line := range r.Header["Cookie"] {
		for more := true; more; {
			var pair string
			pair, line, more = strings.Cut(line, ";")
			if name, value, ok := strings.Cut(trimSpace(pair), "="); ok && name == c.name {
				found = value
				times++
			}
		}
	}
	return only(found, times, errSeveralCookies, c.limit)
}

// only returns the credential that was found, if it was found once.
func only(found string, times int, several error, limit int) (string, error) {
	switch {
	case times > 1:
		return "", several
	case found == "":
		return "", runtime.ErrNoCredentials
	case len(found) > limit:
		return "", errSize
	}
	return found, nil
}

// trimSpace trims what RFC 6265 section 5.4 lets stand around a pair.
func trimSpace(pair string) string { return strings.Trim(pair, " \t") }

// maxCookie is what browsers store of name, value and attributes at least (RFC
// 6265 section 6.1), less what the attributes take.
const maxCookie = 4096 - 128

var (
	errTooLongForCookie = errors.New("longer than browsers store")
	errQuoted           = errors.New("a space or comma: it would come back in quotes")
	errNoEnd            = errors.New("no time at which it ends")
)

// Set returns the cookie with a credential, for Set-Cookie. It ends at that time;
// one in the past deletes it. The error says that browsers would not store it, or
// not send back the same, or that the time is zero.
func (c Cookie) Set(credential string, expires time.Time) (*http.Cookie, error) {
	switch {
	case len(c.name)+len(credential) > maxCookie:
		return nil, errTooLongForCookie
	case strings.ContainsAny(credential, " ,"):
		return nil, errQuoted
	case expires.IsZero(): // net/http would make a cookie of it that does not end with any token
		return nil, errNoEnd
	}
	cookie := &http.Cookie{
		Name: c.name, Value: credential, Path: "/", Expires: expires.UTC(),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if err := cookie.Valid(); err != nil {
		return nil, err
	}
	return cookie, nil
}
