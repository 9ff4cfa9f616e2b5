package basic

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	maxUsername = 255
	maxPassword = 4096

	// maxEncoded is the length of the longest credential in base64.
	maxEncoded = (maxUsername + 1 + maxPassword + 2) / 3 * 4
)

// Why a credential is not judged. All of them are
// [runtime.ErrInvalidCredentials].
var (
	errBase64   = fmt.Errorf("%w: not base64", runtime.ErrInvalidCredentials)
	errColon    = fmt.Errorf("%w: no colon between user name and password", runtime.ErrInvalidCredentials)
	errText     = fmt.Errorf("%w: not UTF-8, or a control character", runtime.ErrInvalidCredentials)
	errUsername = fmt.Errorf("%w: the user name is empty or too long", runtime.ErrInvalidCredentials)
	errPassword = fmt.Errorf("%w: the password is empty or too long", runtime.ErrInvalidCredentials)
)

// A userpass is a user name and a password (RFC 7617 section 2).
type userpass struct{ username, password string }

// parse returns what the header field says. An empty password is refused here:
// there are directories that take it for a login without one, and let it in.
func parse(encoded string) (userpass, error) {
	if strings.ContainsAny(encoded, "\r\n") { // which encoding/base64 skips
		return userpass{}, errBase64
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return userpass{}, errBase64
	}
	text := string(decoded)
	username, password, found := strings.Cut(text, ":")
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return userpass{}, errText
	case !found:
		return userpass{}, errColon
	case username == "" || len(username) > maxUsername:
		return userpass{}, errUsername
	case password == "" || len(password) > maxPassword:
		return userpass{}, errPassword
	}
	return userpass{username: username, password: password}, nil
}
