package credential

import (
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const cookieName = "__Host-jwt"

func TestReadCookie(t *testing.T) {
	long := strings.Repeat("x", 100)
	cases := []struct {
		name  string
		lines []string
		want  string
		err   error
	}{
		{"HOSTILE 1: no cookie", nil, "", none},
		{"HOSTILE 2: empty line", []string{""}, "", none},
		{"HOSTILE 2: only separators", []string{"; ;;"}, "", none},
		{"HOSTILE 2: empty", []string{"__Host-jwt="}, "", none},
		{"HOSTILE 3: no equals sign", []string{"__Host-jwt"}, "", none},
		{"alone", []string{"__Host-jwt=a.b.c"}, "a.b.c", nil},
		{"first", []string{"__Host-jwt=a.b.c; x=1"}, "a.b.c", nil},
		{"last", []string{"x=1; __Host-jwt=a.b.c"}, "a.b.c", nil},
		{"between, without spaces", []string{"x=1;__Host-jwt=a.b.c;y=2"}, "a.b.c", nil},
		{"several spaces and a tab around", []string{"x=1; \t __Host-jwt=a.b.c \t; y=2"}, "a.b.c", nil},
		{"in a second line", []string{"x=1", "__Host-jwt=a.b.c"}, "a.b.c", nil},
		{"a value with equals signs", []string{"__Host-jwt=a=b=="}, "a=b==", nil},
		{"separators around", []string{";__Host-jwt=a.b.c;"}, "a.b.c", nil},

		{"HOSTILE 12: two", []string{"__Host-jwt=a; __Host-jwt=b"}, "", invalid},
		{"HOSTILE 12: two of the same value", []string{"__Host-jwt=a; __Host-jwt=a"}, "", invalid},
		{"HOSTILE 12: three", []string{"__Host-jwt=a; __Host-jwt=b; __Host-jwt=c"}, "", invalid},
		{"HOSTILE 12: in two lines", []string{"__Host-jwt=a", "__Host-jwt=b"}, "", invalid},
		{"HOSTILE 12: an empty one first", []string{"__Host-jwt=; __Host-jwt=b"}, "", invalid},
		{"HOSTILE 12: an empty one last", []string{"__Host-jwt=b; __Host-jwt="}, "", invalid},
		{"HOSTILE 12: two empty ones", []string{"__Host-jwt=; __Host-jwt="}, "", invalid},
		{"HOSTILE 12: a cookie without a name that looks like one", []string{"__Host-jwt=a; =__Host-jwt=b"}, "a", nil},
		{"HOSTILE 12: only a cookie without a name", []string{"=__Host-jwt=b"}, "", none},
		{"HOSTILE 12: one inside the value of another", []string{`x="1; __Host-jwt=a`}, "a", nil},

		{"HOSTILE 13: quoted", []string{`__Host-jwt="a.b.c"`}, `"a.b.c"`, nil}, // which no token begins with
		{"HOSTILE 13: a quote", []string{`__Host-jwt="a.b.c`}, `"a.b.c`, nil},
		{"HOSTILE 13: quoted with a separator inside", []string{`__Host-jwt="a;b"`}, `"a`, nil},
		{"HOSTILE 16: percent-encoded", []string{"__Host-jwt=a%2Eb"}, "a%2Eb", nil},
		{"HOSTILE 16: a space inside", []string{"__Host-jwt=a b"}, "a b", nil},
		{"HOSTILE 16: NUL", []string{"__Host-jwt=a\x00"}, "a\x00", nil},

		{"lower case", []string{"__host-jwt=a"}, "", none},
		{"upper case", []string{"__HOST-JWT=a"}, "", none},
		{"a longer name", []string{"__Host-jwt2=a"}, "", none},
		{"a shorter name", []string{"__Host-jw=a"}, "", none},
		{"without the prefix", []string{"jwt=a"}, "", none},
		{"something before the name", []string{"x__Host-jwt=a"}, "", none},
		{"an equals sign before the name", []string{"==__Host-jwt=a"}, "", none},
		{"a space before the equals sign", []string{"__Host-jwt =a"}, "", none},
		{"a space behind the equals sign", []string{"__Host-jwt= a"}, " a", nil},
		{"percent-encoded name", []string{"__Host%2Djwt=a"}, "", none},
		{"quoted name", []string{`"__Host-jwt"=a`}, "", none},
		{"an array as PHP has it", []string{"__Host-jwt[]=a; __Host_jwt=b; __Host.jwt=c"}, "", none},
		// A name of characters that other servers trim, so that the browser sees no prefix.
		{"no-break space before the name", []string{"\u00a0__Host-jwt=a"}, "", none},
		{"en quad before the name", []string{"\u2000__Host-jwt=a"}, "", none},
		{"next line before the name", []string{"\x85__Host-jwt=a"}, "", none},
		{"vertical tab before the name", []string{"\v__Host-jwt=a"}, "", none},
		{"line end before the name", []string{"x=1;\r\n__Host-jwt=a"}, "", none},
		{"NUL before the name", []string{"\x00__Host-jwt=a"}, "", none},
		{"a comma separates nothing", []string{"x=1, __Host-jwt=a"}, "", none},
		{"an attribute of RFC 2965", []string{`$Version=1, __Host-jwt=a`}, "", none},

		{"HOSTILE 15: as long as allowed", []string{"__Host-jwt=" + long}, long, nil},
		{"HOSTILE 15: too long", []string{"__Host-jwt=" + long + "x"}, "", invalid},
		{"HOSTILE 15: far too long", []string{"__Host-jwt=" + strings.Repeat("x", 1<<20)}, "", invalid},
	}
	cookie, err := NewCookie(cookieName, 100)
	require.NoError(t, err)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := cookie.Read(&http.Request{Header: http.Header{"Cookie": c.lines}})
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, c.want, got)
			if c.err == none {
				assert.True(t, err == none, "compared with == by those who look elsewhere then")
			}
		})
	}
}

// HOSTILE 15: the memory does not depend on the number of cookies.
func TestManyCookies(t *testing.T) {
	cookie, err := NewCookie(cookieName, 1000)
	require.NoError(t, err)
	allocations := func(lines ...string) float64 {
		r := &http.Request{Header: http.Header{"Cookie": lines}}
		return testing.AllocsPerRun(10, func() { _, _ = cookie.Read(r) })
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // what others leave behind does not count
	many := strings.Repeat("a=1; ", 100_000)
	assert.Zero(t, allocations(many+"__Host-jwt=a.b.c; "+many))
	assert.Zero(t, allocations(strings.Repeat("__Host-jwt=a; ", 100_000)))
	assert.Zero(t, allocations(strings.Repeat(";", 100_000), many, many))

	got, err := cookie.Read(&http.Request{Header: http.Header{"Cookie": {many + "__Host-jwt=a.b.c; " + many}}})
	require.NoError(t, err)
	assert.Equal(t, "a.b.c", got)
	_, err = cookie.Read(&http.Request{Header: http.Header{"Cookie": {"__Host-jwt=a; " + many, many + "__Host-jwt=a"}}})
	assert.ErrorIs(t, err, invalid)
}

func TestNewCookieRefuses(t *testing.T) {
	for _, name := range []string{
		"", "jwt", "__Host-", "__host-jwt", "__HOST-jwt", "__Secure-jwt", "_Host-jwt", "Host-jwt", "x__Host-jwt", " __Host-jwt", "__Host-jwt ",
		"__Host-j wt", "__Host-jwt=", "__Host-jwt;", "__Host-jwt,", "__Host-jwt\n", "__Host-jwt\x00", "__Host-ĵwt", `__Host-"jwt"`, "__Host-jwt/", "__Host-[jwt]",
	} {
		_, err := NewCookie(name, 100)
		assert.Error(t, err, "%q", name)
	}
	for _, name := range []string{"__Host-j", "__Host-jwt", "__Host-access_token", "__Host-Http-jwt"} {
		_, err := NewCookie(name, 100)
		assert.NoError(t, err, name)
	}
}

func TestSetCookie(t *testing.T) {
	cookie, err := NewCookie(cookieName, 16<<10)
	require.NoError(t, err)
	end := time.Date(2025, time.June, 15, 18, 6, 40, 999, time.FixedZone("CEST", 2*60*60))
	set := func(credential string, expires time.Time) string {
		c, err := cookie.Set(credential, expires)
		require.NoError(t, err)
		return c.String()
	}
	const attributes = "; Path=/; Expires=Sun, 15 Jun 2025 16:06:40 GMT; HttpOnly; Secure; SameSite=Lax"
	assert.Equal(t, "__Host-jwt=a.b-c_d.e"+attributes, set("a.b-c_d.e", end), "what __Host- demands: Secure, Path=/, no Domain")
	assert.Equal(t, "__Host-jwt="+attributes, set("", end))
	assert.Equal(t, "__Host-jwt=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax", set("", time.Unix(0, 0)), "deleted")

	t.Run("the longest comes through", func(t *testing.T) {
		longest := strings.Repeat("x", 4096-128-len(cookieName))
		assert.LessOrEqual(t, len(set(longest, end)), 4096, "RFC 6265 section 6.1")
		r := &http.Request{Header: http.Header{"Cookie": {cookieName + "=" + longest}}}
		got, err := cookie.Read(r)
		require.NoError(t, err)
		assert.Equal(t, longest, got)
		_, err = cookie.Set(longest+"x", end)
		assert.ErrorIs(t, err, errTooLongForCookie)
	})
	t.Run("what net/http sends back is what was set", func(t *testing.T) {
		for c := byte(' '); c < 0x80; c++ {
			credential := "a" + string(c) + "b"
			made, err := cookie.Set(credential, end)
			if err != nil {
				assert.Nil(t, made)
				assert.Contains(t, "\x7f \",;\\", string(c))
				continue
			}
			w := httptest.NewRecorder()
			http.SetCookie(w, made)
			r := httptest.NewRequest("GET", "/", nil)
			for _, received := range w.Result().Cookies() {
				r.AddCookie(received)
			}
			got, err := cookie.Read(r)
			require.NoError(t, err, "%q", credential)
			assert.Equal(t, credential, got)
		}
	})
	for name, credential := range map[string]string{
		"quoted": `"a"`, "separator": "a; Domain=example.com", "space": "a b", "comma": "a,b", "backslash": `a\b`, "line end": "a\r\nSet-Cookie: x=1", "NUL": "a\x00", "not ASCII": "é",
	} {
		t.Run("no credential: "+name, func(t *testing.T) {
			c, err := cookie.Set(credential, end)
			require.Error(t, err)
			assert.Nil(t, c, "it must not be sent by those who overlook the error")
			assert.NotContains(t, err.Error(), credential, "HOSTILE 112")
		})
	}
	for name, expires := range map[string]time.Time{"zero": {}, "zero elsewhere": time.Time{}.Local(), "before cookies can end": time.Date(1600, 12, 31, 0, 0, 0, 0, time.UTC)} {
		t.Run("no end: "+name, func(t *testing.T) {
			c, err := cookie.Set("a", expires)
			assert.Error(t, err)
			assert.Nil(t, c)
		})
	}
}

// What is read is the whole value of a pair of this name; two of them are never
// told apart.
func FuzzReadCookie(f *testing.F) {
	for _, seed := range []string{
		"", "__Host-jwt=a", "x=1; __Host-jwt=a.b.c; y=2", "__Host-jwt=a; __Host-jwt=b", `__Host-jwt="a"`, "__Host-jwt", "__Host-jwt=", "=__Host-jwt=a", " \t__Host-jwt=a\t", "__Host-jwt =a",
	} {
		f.Add(seed, "")
		f.Add("x=1", seed)
	}
	cookie, err := NewCookie(cookieName, 100)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, line, other string) {
		got, err := cookie.Read(&http.Request{Header: http.Header{"Cookie": {line, other}}})
		times, value := 0, ""
		for _, pair := range strings.Split(line+";"+other, ";") {
			if rest, ok := strings.CutPrefix(strings.TrimLeft(pair, " \t"), cookieName+"="); ok {
				times, value = times+1, strings.TrimRight(rest, " \t")
			}
		}
		switch {
		case times > 1 || len(value) > 100:
			assert.ErrorIs(t, err, invalid)
			assert.Empty(t, got)
		case value == "":
			assert.ErrorIs(t, err, none)
			assert.Empty(t, got)
		default:
			assert.NoError(t, err)
			assert.Equal(t, value, got)
		}
	})
}
