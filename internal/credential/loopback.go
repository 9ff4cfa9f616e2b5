package credential

import (
	"errors"
	"strings"
)

// NewLoopbackCookie returns the cookie of the given name for plain HTTP on the
// machine itself, where browsers take no cookie whose name begins with __Host-.
// Credentials longer than limit bytes are refused. A name with two underscores in
// front is an error: browsers may want more of such a cookie.
func NewLoopbackCookie(name string, limit int) (Cookie, error) {
	if name == "" || strings.Trim(name, tokenCharacters) != "" {
		return Cookie{}, errors.New("not a name of a cookie")
	}
	if strings.HasPrefix(name, "__") {
		return Cookie{}, errors.New("begins with __, so browsers may not take it over plain HTTP")
	}
	return Cookie{name: name, limit: limit}, nil
}
