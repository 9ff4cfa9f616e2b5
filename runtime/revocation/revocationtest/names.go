package revocationtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func testIssuers(t *testing.T, s subject) {
	token := s.token("it")
	require.NoError(t, s.Revoke(t.Context(), token))
	require.NoError(t, s.RevokeFamily(t.Context(), issuer, token.Family, token.Expires))
	require.NoError(t, s.RevokeUser(t.Context(), issuer, token.UserID, s.now))
	s.expect(t, true, token)
	for _, issuer := range []string{"", issuer + "/", issuer[:len(issuer)-1], "https://other.example"} {
		token.Issuer = issuer
		s.expect(t, false, token, "of another issuer, %q", issuer)
	}

	token = s.token("of no issuer")
	token.Issuer = ""
	require.NoError(t, s.Revoke(t.Context(), token), "an issuer is not required")
	s.expect(t, true, token)
	token.Issuer = issuer
	token.UserID += "x" // the other one is revoked
	s.expect(t, false, token)
}

func testJoinedNames(t *testing.T, s subject) {
	for _, sep := range []string{"", "|", ":", "/", "\x00", "\x1f", `","`, "' || '"} {
		a, b, c := s.name+"a", "b", "c"+s.name
		pairs := [][2]string{{a + sep + b, c}, {a, b + sep + c}, {"", a + sep + b + sep + c}, {"", sep + a + sep + b + sep + c}}
		if sep == "" {
			pairs = pairs[:3] // the fourth is the third
		}
		s.testDistinct(t, fmt.Sprintf("%q", sep), pairs)
	}
}

// testHostileNames tells apart what a careless store takes for the same, and
// takes as it is what it would execute.
func testHostileNames(t *testing.T, s subject) {
	long := strings.Repeat("n", 255-len(s.name)-1)
	longest := strings.Repeat("n", 64<<10-len(s.name)-1)
	var byName, byIssuer [][2]string
	for _, name := range []string{
		"", "Jti", "jti", "JTI", "jti ", " jti", "jti\t", "jti\n", "j\nti", "jti\x00", "\x00jti", "j\x00ti", "j\x00TI", "\x00",
		"'", "''", `"`, "`", `\`, `\'`, `\\`, `\0`, "' OR '1'='1", "'; DROP TABLE revocations; --", "--", "/*", "?", "$1", ":a", "@a", ":1:", "{table}",
		"%", "_", "%%", "j_i", "j%", "*", "?ti", "[a-z]*", "{a}", "a\r\nDEL b",
		"0", "00", "0.0", "1", "1e0", "+1", "0x1", "NULL", "true",
		"straße", "strasse", "STRASSE", "\u00e9", "e\u0301", "\u00c9", "ı", "i", "İ", "\u212a", "k", "ſ", "s", "日本", "\U0001f511", "\u200b", "\u202e",
		"\x80", "\xff", "\xff\xfe", "\xc3", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufffd", "\ufffd\ufffd",
		long + "x", long + "y", long + "xx", // 255 bytes, and more
		longest + "x", longest + "y", longest, // 64 KiB, and less
	} {
		byName = append(byName, [2]string{"issuer", s.name + name})
		byIssuer = append(byIssuer, [2]string{s.name + name, s.name})
	}
	t.Run("names", func(t *testing.T) { s.testDistinct(t, "names", byName) })
	t.Run("issuers", func(t *testing.T) { s.testDistinct(t, "issuers", byIssuer) })
}

// testDistinct revokes one pair of issuer and name after the other, as tokens,
// users and families. Each must be good until it is its turn, and must stay revoked
// afterwards.
func (s subject) testDistinct(t *testing.T, about string, pairs [][2]string) {
	t.Helper()
	for _, kind := range []struct {
		name   string
		token  func(issuer, name string) revocation.Token
		revoke func(issuer, name string) error
	}{
		{"token", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, ID: name}
		}, func(issuer, name string) error {
			return s.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: name, Expires: s.now.Add(time.Hour)})
		}},
		{"family", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, Family: name}
		}, func(issuer, name string) error {
			return s.RevokeFamily(t.Context(), issuer, name, s.now.Add(time.Hour))
		}},
		{"user", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, UserID: name, IssuedAt: s.now}
		}, func(issuer, name string) error {
			return s.RevokeUser(t.Context(), issuer, name, s.now)
		}},
	} {
		for _, pair := range pairs {
			s.expect(t, false, kind.token(pair[0], pair[1]), "%s: %s %.300q is taken for another one", about, kind.name, pair)
			require.NoError(t, kind.revoke(pair[0], pair[1]), "%s: %s %.300q", about, kind.name, pair)
		}
		for _, pair := range pairs {
			s.expect(t, true, kind.token(pair[0], pair[1]), "%s: %s %.300q", about, kind.name, pair)
		}
	}
}
