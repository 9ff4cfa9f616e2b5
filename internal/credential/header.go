// Package credential takes credentials out of requests, for the backends that
// get theirs from a header field.
package credential

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Why a header field holds no credential that could be judged. All of them are
// [runtime.ErrInvalidCredentials].
var (
	errSeveral = fmt.Errorf("%w: the header field is there more than once", runtime.ErrInvalidCredentials)
	errEmpty   = fmt.Errorf("%w: nothing follows the scheme", runtime.ErrInvalidCredentials)
	errSize    = fmt.Errorf("%w: too long", runtime.ErrInvalidCredentials)
)

// authorization is the one field whose value always begins with a scheme (RFC
// 9110 section 11.6.2).
const authorization = "Authorization"

// A Header is the header field that holds a credential.
type Header struct {
	name    string
	schemes []string
	limit   int
}

// NewHeader returns the field of the given name. Its value is one of the
// schemes in any case of letters, one or more spaces, and the credential. In
// fields other than Authorization it may also be the bare credential.
// Credentials longer than limit bytes are refused.
//
// A name that is no field name, or one of a field that is not the caller's to
// use, is an error.
func NewHeader(name string, limit int, schemes ...string) (Header, error) {
	if name == "" || strings.Trim(name, tokenCharacters) != "" {
		return Header{}, errors.New("not a name of a header field")
	}
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Cookie", "Host":
		return Header{}, fmt.Errorf("%s never holds a credential by itself", name)
	}
	return Header{name: name, schemes: schemes, limit: limit}, nil
}

// tokenCharacters are those of RFC 9110 section 5.6.2.
const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Read returns the credential of a request. It is never empty, and may contain
// any byte that a header field can have. The error is
// [runtime.ErrNoCredentials] if the field is missing, empty, or of another
// scheme, and a [runtime.ErrInvalidCredentials] if it is ambiguous.
func (h Header) Read(r *http.Request) (string, error) {
	values := r.Header[h.name]
	if len(values) > 1 {
		return "", errSeveral
	}
	if len(values) == 0 || values[0] == "" {
		return "", runtime.ErrNoCredentials
	}
	value := values[0]
	if len(value) > h.limit+maxScheme {
		return "", errSize
	}
	scheme, rest, _ := strings.Cut(value, " ")
	switch {
	case h.expects(scheme):
		value = strings.TrimLeft(rest, " ")
	case h.name == authorization:
		return "", runtime.ErrNoCredentials
	}
	if value == "" {
		return "", errEmpty
	}
	if len(value) > h.limit {
		return "", errSize
	}
	return value, nil
}

// maxScheme is more than a scheme and the spaces behind it need.
const maxScheme = 64

func (h Header) expects(scheme string) bool {
	for _, expected := range h.schemes {
		// The length rules out the characters beyond ASCII that fold to letters.
		if scheme == expected || len(scheme) == len(expected) && strings.EqualFold(scheme, expected) {
			return true
		}
	}
	return false
}
