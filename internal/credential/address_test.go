package credential

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadQuery(t *testing.T) {
	long := strings.Repeat("x", 100)
	cases := []struct {
		name  string
		query string
		want  string
		err   error
	}{
		{"HOSTILE 1: no query", "", "", none},
		{"HOSTILE 1: another parameter", "x=1", "", none},
		{"HOSTILE 2: empty", "access_token=", "", none},
		{"HOSTILE 2: no equals sign", "access_token", "", none},
		{"alone", "access_token=a.b.c", "a.b.c", nil},
		{"first", "access_token=a.b.c&x=1", "a.b.c", nil},
		{"last", "x=1&access_token=a.b.c", "a.b.c", nil},
		{"separators around", "&&access_token=a.b.c&", "a.b.c", nil},
		{"a value with equals signs", "access_token=a==", "a==", nil},
		{"percent-encoded name", "access%5Ftoken=a.b.c", "a.b.c", nil},
		{"percent-encoded name, lower case", "access%5ftoken=a.b.c", "a.b.c", nil},
		{"HOSTILE 16: percent-encoded value", "access_token=a%2Eb.c", "a%2Eb.c", nil}, // which is no token
		{"HOSTILE 16: a plus sign in the value", "access_token=a+b", "a+b", nil},

		{"two", "access_token=a&access_token=b", "", invalid},
		{"two of the same value", "access_token=a&access_token=a", "", invalid},
		{"two, one by escapes", "access_token=a&access%5Ftoken=b", "", invalid},
		{"two, one empty", "access_token=a&access_token=", "", invalid},
		{"two, one without equals sign", "access_token&access_token=a", "", invalid},
		{"two empty ones", "access_token=&access_token=", "", invalid},

		{"a semicolon separates nothing", "x=1;access_token=a", "", none},
		{"a semicolon behind it belongs to the value", "access_token=a;x=1", "a;x=1", nil},
		{"a semicolon before the second", "access_token=a;access_token=b", "a;access_token=b", nil},
		{"an escaped separator separates nothing", "x=1%26access_token=a", "", none},
		{"an escaped equals sign", "access_token%3Da", "", none},
		{"an escape that is none", "access%token=a", "", none},
		{"an escape cut off", "access_token%=a", "", none},
		{"upper case", "ACCESS_TOKEN=a", "", none},
		{"a longer name", "access_token2=a", "", none},
		{"a shorter name", "access_toke=a", "", none},
		{"something before the name", "xaccess_token=a", "", none},
		{"a space before the name", "+access_token=a", "", none},
		{"an array as PHP has it", "access_token[]=a", "", none},
		{"NUL behind the name", "access_token%00=a", "", none},
		{"escaped twice", "access%255Ftoken=a", "", none},

		{"HOSTILE 15: as long as allowed", "access_token=" + long, long, nil},
		{"HOSTILE 15: too long", "access_token=" + long + "x", "", invalid},
		{"HOSTILE 15: far too long", "access_token=" + strings.Repeat("x", 1<<20), "", invalid},
		{"HOSTILE 15: 100,000 parameters", strings.Repeat("a=1&", 100_000) + "access_token=a", "a", nil},
	}
	query, err := NewQuery("access_token", 100)
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := query.Read(&http.Request{URL: &url.URL{Path: "/access_token=path", RawQuery: c.query, Fragment: "access_token=fragment"}})
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.want, got)
			if c.err == none {
				assert.True(t, err == none, "compared with == by those who look elsewhere then")
			}
		})
	}
	t.Run("no URL", func(t *testing.T) {
		_, err := query.Read(&http.Request{})
		assert.ErrorIs(t, err, none)
	})
	t.Run("the body is no place", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("access_token=a"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		_, err := query.Read(r)
		assert.ErrorIs(t, err, none)
		assert.Nil(t, r.Form, "the body belongs to the handler")
	})
	t.Run("HOSTILE 15: no memory", func(t *testing.T) {
		r := &http.Request{URL: &url.URL{RawQuery: strings.Repeat("a=1&access_token=a&", 10_000)}}
		assert.Zero(t, testing.AllocsPerRun(10, func() { _, _ = query.Read(r) }))
	})
}

func TestNewQueryRefuses(t *testing.T) {
	for _, name := range []string{"", " ", "a b", "a&b", "a=b", "a%20b", "a+b", "a#b", "a;b", "é", "a\n", "a[]", "a/b"} {
		_, err := NewQuery(name, 100)
		assert.Error(t, err, "%q", name)
	}
	for _, name := range []string{"t", "access_token", "access-token.v1~"} {
		_, err := NewQuery(name, 100)
		assert.NoError(t, err, name)
	}
}

func TestReadSubprotocol(t *testing.T) {
	long := strings.Repeat("x", 100)
	cases := []struct {
		name  string
		lines []string
		want  string
		err   error
	}{
		{"HOSTILE 1: none", nil, "", none},
		{"HOSTILE 2: empty", []string{""}, "", none},
		{"HOSTILE 1: another one", []string{"chat"}, "", none},
		{"HOSTILE 3: only the prefix", []string{"bearer."}, "", none},
		{"HOSTILE 3: the prefix without a dot", []string{"bearer"}, "", none},
		{"alone", []string{"bearer.a.b.c"}, "a.b.c", nil},
		{"first", []string{"bearer.a.b.c, chat"}, "a.b.c", nil},
		{"last", []string{"chat, bearer.a.b.c"}, "a.b.c", nil},
		{"without spaces", []string{"v2,bearer.a.b.c,chat"}, "a.b.c", nil},
		{"with many", []string{" v2 ,\t bearer.a.b.c \t, chat"}, "a.b.c", nil},
		{"empty elements (RFC 9110 section 5.6.1)", []string{",, bearer.a.b.c,,"}, "a.b.c", nil},
		{"in a second line", []string{"chat", "bearer.a.b.c"}, "a.b.c", nil},

		{"two", []string{"bearer.a, bearer.b"}, "", invalid},
		{"two of the same value", []string{"bearer.a, bearer.a"}, "", invalid},
		{"two in two lines", []string{"bearer.a", "bearer.b"}, "", invalid},
		{"two, one empty", []string{"bearer.a, bearer."}, "", invalid},
		{"two empty ones", []string{"bearer., bearer."}, "", invalid},

		{"no dot behind the prefix", []string{"bearera.b.c"}, "", none},
		{"another separator", []string{"bearer-a.b.c, bearer a.b.c, bearer=a.b.c"}, "", none},
		{"upper case", []string{"Bearer.a.b.c"}, "", none},
		{"something before the prefix", []string{"xbearer.a.b.c"}, "", none},
		{"a semicolon separates nothing", []string{"chat; bearer.a.b.c"}, "", none},
		{"HOSTILE 13: quoted", []string{`"bearer.a.b.c"`}, "", none},
		{"no-break space before the prefix", []string{"\u00a0bearer.a.b.c"}, "", none},
		{"HOSTILE 16: a space inside", []string{"bearer.a b"}, "a b", nil}, // which is no token

		{"HOSTILE 15: as long as allowed", []string{"bearer." + long}, long, nil},
		{"HOSTILE 15: too long", []string{"bearer." + long + "x"}, "", invalid},
		{"HOSTILE 15: 100,000 of them", []string{strings.Repeat("x,", 100_000) + "bearer.a"}, "a", nil},
	}
	subprotocol, err := NewSubprotocol("bearer", 100)
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Protocol": c.lines}
			got, err := subprotocol.Read(&http.Request{Header: header})
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.want, got)
			if c.err == none {
				assert.True(t, err == none, "compared with == by those who look elsewhere then")
			}

			header.Del("Upgrade")
			got, err = subprotocol.Read(&http.Request{Header: header})
			assert.ErrorIs(t, err, none, "it is no request for a WebSocket")
			assert.Empty(t, got)
		})
	}
	t.Run("the field's name as browsers write it", func(t *testing.T) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Protocol", "chat, bearer.a.b.c")
		got, err := subprotocol.Read(r)
		assert.NoError(t, err)
		assert.Equal(t, "a.b.c", got)
	})
	t.Run("HOSTILE 15: no memory", func(t *testing.T) {
		r := &http.Request{Header: http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {strings.Repeat("bearer.x,", 10_000)}}}
		assert.Zero(t, testing.AllocsPerRun(10, func() { _, _ = subprotocol.Read(r) }))
	})
}

func TestNewSubprotocolRefuses(t *testing.T) {
	for _, prefix := range []string{"", " ", "a b", "a,b", "a/b", "a\n", "é", `"a"`, "a;b", "a=b"} {
		_, err := NewSubprotocol(prefix, 100)
		assert.Error(t, err, "%q", prefix)
	}
	for _, prefix := range []string{"bearer", "base64url.bearer.example", "x-token"} {
		_, err := NewSubprotocol(prefix, 100)
		assert.NoError(t, err, prefix)
	}
}
