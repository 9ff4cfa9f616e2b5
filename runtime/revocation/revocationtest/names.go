package revocationtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func testIssuers(t *testing.T, s subject) {
	token := s.token("it")
	s.revoke(t, token)
	s.revokeFamily(t, token.Family, token.Expires)
	s.revokeUser(t, token.UserID, s.now)
	s.expect(t, true, token, "its ID, its family and its user were revoked")
	for _, issuer := range []string{"", issuer + "/", issuer[:len(issuer)-1], "https://other.example"} {
		token.Issuer = issuer
		s.expect(t, false, token, "issuers are kept apart: what was revoked is of %q, and this token is of %q", s.token("").Issuer, issuer)
	}

	token = s.token("of no issuer")
	token.Issuer = ""
	s.revoke(t, token)
	s.expect(t, true, token, "Revoke: an issuer is not required, and none is as good as any")
	token.Issuer = issuer
	token.UserID += "x" // the other one is revoked
	s.expect(t, false, token, "issuers are kept apart: what was revoked is of no issuer, and this token is of %q", issuer)
}

func testJoinedNames(t *testing.T, s subject) {
	for _, sep := range []string{"", "|", ":", "/", "\x00", "\x1f", `","`, "' || '"} {
		a, b, c := s.name+"a", "b", "c"+s.name
		pairs := [][2]string{{a + sep + b, c}, {a, b + sep + c}, {"", a + sep + b + sep + c}, {"", sep + a + sep + b + sep + c}}
		if sep == "" {
			pairs = pairs[:3] // the fourth is the third
		}
		s.testDistinct(t, fmt.Sprintf("names and issuers that read alike when joined with %q", sep), pairs)
	}
}

// hostileNames are what a careless store takes for the same, and what it would execute.
func (s subject) hostileNames() []string {
	long := strings.Repeat("n", 255-len(s.name)-1)
	longest := strings.Repeat("n", 64<<10-len(s.name)-1)
	return []string{
		"", "Jti", "jti", "JTI", "jti ", " jti", "jti\t", "jti\n", "j\nti", "jti\x00", "\x00jti", "j\x00ti", "j\x00TI", "\x00",
		"'", "''", `"`, "`", `\`, `\'`, `\\`, `\0`, "' OR '1'='1", "'; DROP TABLE revocations; --", "--", "/*", "?", "$1", ":a", "@a", ":1:", "{table}",
		"%", "_", "%%", "j_i", "j%", "*", "?ti", "[a-z]*", "{a}", "a\r\nDEL b",
		"0", "00", "0.0", "1", "1e0", "+1", "0x1", "NULL", "true",
		"straße", "strasse", "STRASSE", "\u00e9", "e\u0301", "\u00c9", "ı", "i", "İ", "\u212a", "k", "ſ", "s", "日本", "\U0001f511", "\u200b", "\u202e",
		"\x80", "\xff", "\xff\xfe", "\xc3", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufffd", "\ufffd\ufffd",
		long + "x", long + "y", long + "xx", // 255 bytes, and more
		longest + "x", longest + "y", longest, // 64 KiB, and less
	}
}

// testHostileNames tells them apart, and takes them as they are.
func testHostileNames(t *testing.T, s subject) {
	var byName, byIssuer [][2]string
	for _, name := range s.hostileNames() {
		byName = append(byName, [2]string{"issuer", s.name + name})
		byIssuer = append(byIssuer, [2]string{s.name + name, s.name})
	}
	t.Run("names", func(t *testing.T) { s.testDistinct(t, "hostile names", byName) })
	t.Run("issuers", func(t *testing.T) { s.testDistinct(t, "hostile issuers", byIssuer) })
}

// testDistinct revokes one pair of issuer and name after the other, as tokens,
// users and families. Each must be good until it is its turn, and must stay revoked
// afterwards.
func (s subject) testDistinct(t *testing.T, about string, pairs [][2]string) {
	t.Helper()
	for _, part := range s.parts() {
		for _, pair := range pairs {
			s.expect(t, false, part.token(pair[0], pair[1]), "names and issuers are what they are, byte by byte: this %s was taken for another one (%s)", part.name, about)
			require.NoError(t, part.revoke(t.Context(), s, pair[0], pair[1]), "%s of issuer and name %.300q has failed: %s", part.method, pair, mayNotFail)
		}
		for _, pair := range pairs {
			s.expect(t, true, part.token(pair[0], pair[1]), "names and issuers are what they are, byte by byte: this %s was revoked, and is not found (%s)", part.name, about)
		}
	}
}
