package runtime

import (
	"context"
	"net/http"
	"strings"
	"unicode"
)

// FormatChallenge returns a challenge for WWW-Authenticate: the scheme, and parameters given as names and values in
// turn (RFC 9110 section 11.6.1). Values are quoted, so they may hold anything; scheme and names are written as they
// are. It panics if the last name has no value.
func FormatChallenge(scheme string, params ...string) string {
	if len(params)%2 != 0 {
		panic("runtime.FormatChallenge: the last parameter has no value")
	}
	var b strings.Builder
	b.WriteString(scheme)
	for i := 0; i < len(params); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte(' ')
		b.WriteString(params[i])
		b.WriteByte('=')
		writeQuoted(&b, params[i+1])
	}
	return b.String()
}

// writeQuoted writes s as a quoted-string (RFC 9110 section 5.6.4). A control character becomes a space, and a
// character beyond ASCII a question mark, since RFC 6750 section 3 allows neither.
func writeQuoted(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		case c > 0x7f:
			b.WriteByte('?')
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}

// extendChallenge appends parameters to a challenge. There is nothing to append to where a backend has no challenge.
func extendChallenge(challenge string, params ...string) string {
	if challenge == "" {
		return ""
	}
	if strings.Contains(challenge, " ") { // it has parameters
		challenge += ","
	}
	return challenge + FormatChallenge("", params...)
}

// challenge asks the backend for its challenge. A challenge that could break the header is made harmless, and one
// that panics is left out: the refusal must not fail over it.
func (b *backend) challenge(ctx context.Context, r *http.Request, err error) (challenge string) {
	defer func() {
		if v := recover(); v != nil {
			logPanic(ctx, "authentication backend panicked in Challenge", v)
		}
	}()
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, b.Challenge(r, err)))
}
