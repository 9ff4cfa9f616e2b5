package credential

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoopbackCookie(t *testing.T) {
	for _, name := range []string{"", "__Host-session", "__host-session", "__Secure-session", "__session", "a b", "a;b", "a=b", "session\n", "sessiön", " session"} {
		_, err := NewLoopbackCookie(name, 100)
		assert.Error(t, err, "%q", name)
	}
	for _, name := range []string{"session", "_session", "s", "dev-session"} {
		_, err := NewLoopbackCookie(name, 100)
		assert.NoError(t, err, name)
	}
	cookie, err := NewLoopbackCookie("session", 100)
	require.NoError(t, err)
	for line, want := range map[string]error{"session=x": nil, "a=1; session=x": nil, "session=x; session=y": invalid, "__Host-session=x": none, "session=": none, "session=" + strings.Repeat("x", 101): invalid} {
		got, err := cookie.Read(&http.Request{Header: http.Header{"Cookie": {line}}})
		assert.ErrorIs(t, err, want, line)
		if want == nil {
			assert.Equal(t, "x", got)
		}
	}
}
