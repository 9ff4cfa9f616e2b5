package runtime_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func TestFormatChallenge(t *testing.T) {
	tests := []struct {
		want   string
		scheme string
		params []string
	}{
		{`Bearer`, "Bearer", nil},
		{`Bearer realm="api"`, "Bearer", []string{"realm", "api"}},
		{`Bearer realm="api", error="invalid_token"`, "Bearer", []string{"realm", "api", "error", "invalid_token"}},
		{`Bearer realm=""`, "Bearer", []string{"realm", ""}},
		{`Bearer realm="a\"b\\c"`, "Bearer", []string{"realm", `a"b\c`}},
		{`Bearer realm="a  Set-Cookie: x=y"`, "Bearer", []string{"realm", "a\r\nSet-Cookie: x=y"}},
		{`Bearer realm="a   b"`, "Bearer", []string{"realm", "a\x00\t\x7fb"}},
		{`Bearer realm="caf?, ?"`, "Bearer", []string{"realm", "café, \xff"}},
		{`Bearer realm="a\", error=\"invalid_token"`, "Bearer", []string{"realm", `a", error="invalid_token`}},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, runtime.FormatChallenge(tt.scheme, tt.params...), "111")
	}
	odd := []string{"realm"}
	assert.PanicsWithValue(t, "runtime.FormatChallenge: the last parameter has no value", func() { runtime.FormatChallenge("Bearer", odd...) })
}

// parseChallenge reads a challenge by the letter of RFC 9110 section 11.6.1, and is on its own in this.
func parseChallenge(s string) (scheme string, params map[string]string, err error) {
	scheme, rest, some := strings.Cut(s, " ")
	params = map[string]string{}
	for some {
		name, value, ok := strings.Cut(rest, `="`)
		if !ok {
			return "", nil, fmt.Errorf("no value in %q", rest)
		}
		var text strings.Builder
		end := -1
		for i := 0; i < len(value); i++ {
			c := value[i]
			if c == '"' {
				end = i
				break
			}
			if c == '\\' {
				if i++; i == len(value) {
					return "", nil, fmt.Errorf("%q ends in a backslash", value)
				}
				c = value[i]
			}
			if c < ' ' || c > '~' {
				return "", nil, fmt.Errorf("%q in %q", c, value)
			}
			text.WriteByte(c)
		}
		if end < 0 {
			return "", nil, fmt.Errorf("no end in %q", value)
		}
		params[name] = text.String()
		switch rest = value[end+1:]; {
		case rest == "":
			some = false
		case strings.HasPrefix(rest, ", "):
			rest = rest[2:]
		default:
			return "", nil, fmt.Errorf("%q behind a value", rest)
		}
	}
	return scheme, params, nil
}

// harmless is what a quoted value reads as in the end.
func harmless(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c < ' ' || c == 0x7f:
			return ' '
		case c >= utf8.RuneSelf:
			return '?'
		}
		return c
	}, s)
}

// Whatever stands in realm, scopes or error text, a challenge reads as what was meant.
func FuzzFormatChallenge(f *testing.F) {
	for _, seed := range []string{"", `"`, `\`, `\"`, "\r\n", "a\r\nX: y", "é", "\xff", `", error="x`, "a,b=c", "\x00\x7f", " "} {
		f.Add(seed, "read")
		f.Add("realm", seed)
	}
	f.Fuzz(func(t *testing.T, realm, scope string) {
		scheme, params, err := parseChallenge(runtime.FormatChallenge("Bearer", "realm", realm, "scope", scope))
		require.NoError(t, err)
		require.Equal(t, "Bearer", scheme)
		require.Equal(t, map[string]string{"realm": harmless(realm), "scope": harmless(scope)}, params)
	})
}

// Whatever a backend makes up for a challenge, no control character gets into the header, and the refusal stands.
func FuzzChallengeHeader(f *testing.F) {
	for _, seed := range []string{"", "Bearer", "Bearer realm=\"x\"", "X\r\nSet-Cookie: a=b", "\x00", " \t\n", "\u0085", "\xff\xfe", "a\x7f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		backend := accepts(runtime.Identity{})
		backend.challenge = func(*http.Request, error) string { return text }
		s := setup{backends: []runtime.Authenticator{backend}, check: func(c *runtime.Call, _ *http.Request) bool {
			c.DenyScope(runtime.NewScope("read"))
			return false
		}}.build(t)
		w := s.get()
		require.Equal(t, 403, w.Code)
		require.Zero(t, s.served)
		values := w.Header()["Www-Authenticate"]
		require.LessOrEqual(t, len(values), 1)
		for _, value := range values {
			require.False(t, strings.ContainsFunc(value, unicode.IsControl), "%q", value)
			require.True(t, strings.HasSuffix(value, ` error="insufficient_scope", scope="read"`), "%q", value)
		}
	})
}
