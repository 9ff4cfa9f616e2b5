package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var otherSecret = []byte("a secret of another issuer of the tests")

const (
	issuerA = "https://a.example"
	issuerB = "https://b.example"
	issuerC = "https://c.example"
)

// keysOfOneID returns a set with one key under the id "1".
func keysOfOneID(key Key) KeySet {
	key.ID = "1"
	return must(NewKeySet(key))
}

// newTwoIssuers returns a backend that trusts A and B, with keys of the same id.
func newTwoIssuers(t testing.TB, change func(*Config)) *Backend {
	t.Helper()
	return newTestBackend(t, func(c *Config) {
		c.Issuer, c.Secret, c.Keys, c.Algorithms = issuerA, nil, keysOfOneID(Key{Secret: testSecret}), []string{"HS256"}
		c.Others = []TrustedIssuer{{
			Issuer: issuerB, Keys: keysOfOneID(Key{Secret: otherSecret}), Algorithms: []string{"HS256"}, UserIDPrefix: "b:",
		}}
		if change != nil {
			change(c)
		}
	})
}

const headerOfOneID = `{"alg":"HS256","kid":"1"}`

func claimsOf(issuer string, changes ...string) string {
	return with(append([]string{"iss", fmt.Sprintf("%q", issuer)}, changes...)...)
}

func TestSeveralIssuers(t *testing.T) {
	b := newTwoIssuers(t, nil)
	assert.Equal(t, "42", requireAccepted(t, b, sign(t, "HS256", testSecret, headerOfOneID, claimsOf(issuerA))).UserID())
	assert.Equal(t, "b:42", requireAccepted(t, b, sign(t, "HS256", otherSecret, headerOfOneID, claimsOf(issuerB))).UserID())

	t.Run("HOSTILE 31: a key of one never verifies the other's, though its kid is the same", func(t *testing.T) {
		for _, header := range []string{headerOfOneID, plainHeader} {
			requireRefused(t, b, sign(t, "HS256", otherSecret, header, claimsOf(issuerA)), errSignature)
			requireRefused(t, b, sign(t, "HS256", testSecret, header, claimsOf(issuerB)), errSignature)
		}
	})
	t.Run("of two texts of the claims, the signed one counts", func(t *testing.T) {
		one := strings.Split(sign(t, "HS256", testSecret, headerOfOneID, claimsOf(issuerA)), ".")
		two := strings.Split(sign(t, "HS256", otherSecret, headerOfOneID, claimsOf(issuerB)), ".")
		requireRefused(t, b, strings.Join([]string{one[0], two[1], one[2]}, "."), errSignature)
		requireRefused(t, b, strings.Join([]string{two[0], one[1], two[2]}, "."), errSignature)
	})
	for name, iss := range map[string]string{ // HOSTILE 50
		"missing": "", "null": "null", "empty": `""`, "a number": "1", "true": "true", "a list": `["` + issuerA + `"]`, "a list of both": `["` + issuerA + `","` + issuerB + `"]`,
		"an object": `{"` + issuerA + `":1}`, "unknown": `"https://x.example"`, "trailing slash": `"` + issuerA + `/"`, "case": `"https://A.example"`,
		"longer": `"` + issuerA + `.evil"`, "shorter": `"https://a.exampl"`, "a user before the host": `"https://a.example@evil.example"`,
		"space behind": `"` + issuerA + ` "`, "space before": `" ` + issuerA + `"`, "line end": `"` + issuerA + `\n"`, "NUL": `"` + issuerA + `\u0000"`,
		"another scheme": `"http://a.example"`, "Cyrillic": `"https://а.example"`, "full width": `"https://ａ.example"`, "two in one": `"` + issuerA + ` ` + issuerB + `"`,
		"zero-width space": `"https://a.\u200bexample"`, "percent-encoded": `"https://%61.example"`, "the name of the other's user": `"b:"`,
	} {
		t.Run("HOSTILE 50: iss "+name, func(t *testing.T) {
			for _, secret := range [][]byte{testSecret, otherSecret} {
				requireRefused(t, b, sign(t, "HS256", secret, headerOfOneID, with("iss", iss)), errIssuer)
			}
		})
	}
	t.Run("HOSTILE 41: iss twice", func(t *testing.T) {
		for _, first := range []string{issuerA, issuerB} {
			for _, second := range []string{issuerA, issuerB} {
				for _, secret := range [][]byte{testSecret, otherSecret} {
					for _, name := range []string{`"iss"`, `"\u0069ss"`} {
						claims := fmt.Sprintf(`{"iss":%q,%s:%q,%s`, first, name, second, plainClaims[1:])
						requireRefused(t, b, sign(t, "HS256", secret, headerOfOneID, claims), errClaims)
					}
				}
			}
		}
	})
	t.Run("HOSTILE 42: look-alikes of iss", func(t *testing.T) {
		for _, name := range []string{"ISS", "Iss", "iſs", `i\u017fs`} {
			claims := fmt.Sprintf(`{"%s":%q,%s`, name, issuerB, claimsOf(issuerA)[1:])
			requireRefused(t, b, sign(t, "HS256", testSecret, headerOfOneID, claims), errLookalike)
			claims = fmt.Sprintf(`{"%s":%q,%s`, name, issuerA, plainClaims[1:])
			requireRefused(t, b, sign(t, "HS256", testSecret, headerOfOneID, claims), errIssuer)
		}
	})
	t.Run("iss where it is not a claim of the token", func(t *testing.T) {
		nested := with("act", `{"iss":"`+issuerA+`"}`)
		requireRefused(t, b, sign(t, "HS256", testSecret, headerOfOneID, nested), errIssuer)
		nested = fmt.Sprintf(`{"act":{"iss":%q},%s`, issuerB, claimsOf(issuerA)[1:])
		assert.Equal(t, "42", requireAccepted(t, b, sign(t, "HS256", testSecret, headerOfOneID, nested)).UserID())
		requireRefused(t, b, sign(t, "HS256", testSecret, fmt.Sprintf(`{"alg":"HS256","iss":%q}`, issuerA), plainClaims), errIssuer)
	})
	t.Run("iss by escapes, and behind all else", func(t *testing.T) {
		claims := plainClaims[:len(plainClaims)-1] + `,"x":{"iss":[]},"\u0069s\u0073":"https:\/\/b.ex\u0061mple"}`
		assert.Equal(t, "b:42", requireAccepted(t, b, sign(t, "HS256", otherSecret, headerOfOneID, claims)).UserID())
	})
	t.Run("HOSTILE 40: claims that break off behind iss", func(t *testing.T) {
		for _, claims := range []string{`{"iss":"` + issuerA + `"`, `{"iss":"` + issuerA + `"}x`, `{"iss":"` + issuerA + `",}`, `{"iss":"` + issuerA + `","sub":}`} {
			requireRefused(t, b, sign(t, "HS256", testSecret, headerOfOneID, claims), errClaims)
		}
		for _, claims := range []string{`null`, `[]`, `"` + issuerA + `"`, ``, `{"sub":"42`, "{\"iss\":\"" + issuerA + "\xff\"}"} {
			requireRefused(t, b, sign(t, "HS256", testSecret, headerOfOneID, claims), runtime.ErrInvalidCredentials)
		}
	})
}

// Each issuer has its own rules, and none is lenient by another's.
func TestIssuersHaveTheirOwnRules(t *testing.T) {
	rsaKeys := must(ParsePEM(publicPEM(t, rsaKey())))
	b := newTestBackend(t, func(c *Config) {
		c.Issuer, c.Audience, c.Type, c.MaxAge = issuerA, []string{"api-a"}, "at+jwt", time.Minute
		c.Claims = ClaimNames{UserID: "user_id"}
		c.Others = []TrustedIssuer{
			{Issuer: issuerB, Keys: rsaKeys, Algorithms: []string{"RS256"}, UserIDPrefix: "b:", Audience: []string{"api-b"}, Claims: ClaimNames{Permissions: "roles"}},
			{Issuer: issuerC, Secret: otherSecret, Algorithms: []string{"HS384"}, UserIDPrefix: "c:", MaxAge: time.Hour, Claims: ClaimNames{Superuser: NoClaim}},
		}
	})
	const typed = `{"alg":"HS256","typ":"at+jwt"}`
	ofA := func(changes ...string) string {
		return claimsOf(issuerA, append([]string{"aud", `"api-a"`, "user_id", "7", "roles", `["r"]`, "permissions", `["p"]`, "is_superuser", "true"}, changes...)...)
	}
	ofB := func(changes ...string) string {
		return claimsOf(issuerB, append([]string{"aud", `"api-b"`, "user_id", "7", "roles", `["r"]`, "permissions", `["p"]`, "is_superuser", "true"}, changes...)...)
	}
	ofC := func(changes ...string) string {
		return claimsOf(issuerC, append([]string{"user_id", "7", "roles", `["r"]`, "permissions", `["p"]`, "is_superuser", "true"}, changes...)...)
	}
	signA := func(header, claims string) string { return sign(t, "HS256", testSecret, header, claims) }
	signB := func(claims string) string { return sign(t, "RS256", rsaKey(), `{"alg":"RS256"}`, claims) }
	signC := func(claims string) string { return sign(t, "HS384", otherSecret, `{"alg":"HS384"}`, claims) }

	a := requireAccepted(t, b, signA(typed, ofA()))
	assert.Equal(t, "7", a.UserID())
	assert.Equal(t, []string{"p"}, a.Permissions())
	assert.True(t, a.IsSuperuser())
	p := requireAccepted(t, b, signB(ofB()))
	assert.Equal(t, "b:42", p.UserID())
	assert.Equal(t, []string{"r"}, p.Permissions())
	assert.True(t, p.IsSuperuser())
	p = requireAccepted(t, b, signC(ofC()))
	assert.Equal(t, "c:42", p.UserID())
	assert.Equal(t, []string{"p"}, p.Permissions())
	assert.False(t, p.IsSuperuser())

	refused := []struct {
		name, token string
		err         error
	}{
		{"A with B's audience", signA(typed, ofA("aud", `"api-b"`)), errAudience},
		{"A without audience", signA(typed, ofA("aud", "")), errAudience},
		{"A without type", signA(`{"alg":"HS256"}`, ofA()), errType},
		{"A with another type", signA(plainHeader, ofA()), errType},
		{"A as old as C may be", signA(typed, ofA("iat", "1749999939")), errAge},
		{"A with B's name for the user", signA(typed, ofA("user_id", "")), errSubject},
		{"HOSTILE 26: A with C's algorithm", sign(t, "HS384", testSecret, `{"alg":"HS384","typ":"at+jwt"}`, ofA()), errAlgorithm},
		{"HOSTILE 26: A with B's algorithm and key", sign(t, "RS256", rsaKey(), `{"alg":"RS256","typ":"at+jwt"}`, ofA()), errAlgorithm},
		{"B with A's audience", signB(ofB("aud", `"api-a"`)), errAudience},
		{"HOSTILE 24: B with A's algorithm and B's public key", sign(t, "HS256", publicPEM(t, rsaKey()), `{"alg":"HS256"}`, ofB()), errAlgorithm},
		{"HOSTILE 26: B with A's algorithm and key", signA(plainHeader, ofB()), errAlgorithm},
		{"B with a claim of the wrong type under its own name", signB(ofB("roles", `"r"`)), errPermissions},
		{"C with an audience", signC(ofC("aud", `"api-a"`)), errNoAudience},
		{"C older than it may be", signC(ofC("iat", "1749996399")), errAge},
		{"C with A's algorithm", sign(t, "HS256", otherSecret, plainHeader, ofC()), errAlgorithm},
		{"C with a claim of the wrong type under the usual name", signC(ofC("permissions", `"p"`)), errPermissions},
	}
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) { requireRefused(t, b, c.token, c.err) })
	}
	requireAccepted(t, b, signB(ofB("iat", "", "permissions", `"p"`))) // what A demands is not asked of B
	requireAccepted(t, b, signC(ofC("iat", "1749996400", "is_superuser", `"yes"`)))
}

// HOSTILE 122: the same sub and jti from two issuers are two users and two tokens.
func TestUsersOfSeveralIssuers(t *testing.T) {
	store := revocation.NewMemory()
	b := newTwoIssuers(t, func(c *Config) { c.Revocation, c.UserIDPrefix = store, "a:" })
	ofA := sign(t, "HS256", testSecret, headerOfOneID, claimsOf(issuerA, "fam", `"f"`))
	ofB := sign(t, "HS256", otherSecret, headerOfOneID, claimsOf(issuerB, "fam", `"f"`))
	a, other := requireAccepted(t, b, ofA), requireAccepted(t, b, ofB)
	assert.Equal(t, "a:42", a.UserID())
	assert.Equal(t, "b:42", other.UserID())
	refused := func(token string) bool {
		_, err := authenticate(b, token)
		if err != nil {
			require.ErrorIs(t, err, runtime.ErrRevoked)
		}
		return err != nil
	}

	knownA, err := TokenOf(a)
	require.NoError(t, err)
	assert.Equal(t, revocation.Token{
		Issuer: issuerA, ID: "a-1", UserID: "a:42", Family: "f", IssuedAt: testNow, Expires: testNow.Add(time.Hour),
	}, knownA)
	knownB, err := TokenOf(other)
	require.NoError(t, err)
	assert.Equal(t, "b:42", knownB.UserID)

	t.Run("what TokenOf returns is what the store is asked about", func(t *testing.T) {
		var asked []revocation.Token
		b := newTwoIssuers(t, func(c *Config) {
			c.UserIDPrefix = "a:"
			c.Revocation = storeFunc(func(_ context.Context, token revocation.Token) (bool, error) {
				asked = append(asked, token)
				return false, nil
			})
		})
		requireWarm(t, b, ofA)
		requireAccepted(t, b, ofB)
		assert.Equal(t, []revocation.Token{knownA, knownA, knownB}, asked)
	})

	require.NoError(t, store.Revoke(t.Context(), knownA))
	assert.True(t, refused(ofA))
	assert.False(t, refused(ofB))

	second := sign(t, "HS256", testSecret, headerOfOneID, claimsOf(issuerA, "fam", `"f"`, "jti", `"a-2"`))
	require.NoError(t, store.RevokeFamily(t.Context(), issuerB, "f", testNow.Add(time.Hour)))
	assert.True(t, refused(ofB))
	assert.False(t, refused(second))

	third := sign(t, "HS256", otherSecret, headerOfOneID, claimsOf(issuerB, "jti", `"a-3"`))
	require.NoError(t, store.RevokeUser(t.Context(), issuerB, "a:42", testNow))
	require.NoError(t, store.RevokeUser(t.Context(), issuerB, "42", testNow))
	require.NoError(t, store.RevokeUser(t.Context(), issuerA, "b:42", testNow))
	assert.False(t, refused(third), "none of these is the user")
	assert.False(t, refused(second))
	require.NoError(t, store.RevokeUser(t.Context(), issuerA, knownA.UserID, testNow))
	assert.True(t, refused(second))
	assert.False(t, refused(third))
	require.NoError(t, store.RevokeUser(t.Context(), issuerB, knownB.UserID, testNow))
	assert.True(t, refused(third))
}

// No subject leads from one issuer to the users of another, or to API keys.
func TestForeignUsers(t *testing.T) {
	b := newTestBackend(t, func(c *Config) {
		c.Issuer = issuerA
		c.Others = []TrustedIssuer{
			{Issuer: issuerB, Secret: testSecret, UserIDPrefix: "b"},
			{Issuer: issuerC, Secret: testSecret, UserIDPrefix: "bc:"},
			{Issuer: "d", Secret: testSecret, UserIDPrefix: "api"},
		}
	})
	cases := []struct {
		issuer, subject string
		want            string // the user's id; empty: refused
	}{
		{issuerA, "42", "42"},
		{issuerA, "b", ""},
		{issuerA, "b42", ""},
		{issuerA, "bc:42", ""},
		{issuerA, `\u0062c:42`, ""},
		{issuerA, "B42", "B42"}, // ids are compared byte by byte
		{issuerA, "xb42", "xb42"},
		{issuerA, "api", ""},
		{issuerA, "ap", "ap"},
		{issuerA, "apikey:ci", ""},
		{issuerB, "42", "b42"},
		{issuerB, "c", "bc"},
		{issuerB, "c:42", ""},
		{issuerB, "c:", ""},
		{issuerB, "C:42", "bC:42"},
		{issuerB, "bc:42", "bbc:42"},
		{issuerB, "apikey:ci", ""},
		{issuerC, "42", "bc:42"},
		{issuerC, "b42", "bc:b42"},
		{issuerC, ":42", "bc::42"},
		{"d", "42", "api42"},
		{"d", "key:ci", ""},
		{"d", "KEY:ci", ""},
		{"d", `k\u0065y:`, ""},
		{"d", "key", "apikey"},
		{"d", "keys:ci", "apikeys:ci"},
	}
	for _, c := range cases {
		t.Run(c.issuer+" "+c.subject, func(t *testing.T) {
			token := signPlain(t, plainHeader, claimsOf(c.issuer, "sub", `"`+c.subject+`"`))
			if c.want == "" {
				requireRefused(t, b, token, errReserved)
			} else {
				assert.Equal(t, c.want, requireAccepted(t, b, token).UserID())
			}
		})
	}
	t.Run("one issuer with a prefix", func(t *testing.T) {
		b := newTestBackend(t, func(c *Config) { c.UserIDPrefix = "API" })
		requireRefused(t, b, signPlain(t, plainHeader, with("sub", `"key:ci"`)), errReserved)
		requireRefused(t, b, signPlain(t, plainHeader, with("sub", `"kEy:ci"`)), errReserved)
		assert.Equal(t, "API42", requireAccepted(t, b, signPlain(t, plainHeader, plainClaims)).UserID())
	})
}

func TestTrustsRefuse(t *testing.T) {
	unsetSecretKey(t)
	fine := TrustedIssuer{Issuer: issuerB, Secret: otherSecret, UserIDPrefix: "b:"}
	but := func(change func(*TrustedIssuer)) []TrustedIssuer {
		other := fine
		change(&other)
		return []TrustedIssuer{other}
	}
	rsaKeys := must(ParsePEM(publicPEM(t, rsaKey())))
	cases := []struct {
		name   string
		issuer string
		prefix string
		others []TrustedIssuer
		want   []string // one error each, all of them
	}{
		{"no issuer beside others", "", "", []TrustedIssuer{fine}, []string{"Issuer: empty"}},
		{"another without issuer", issuerA, "", but(func(i *TrustedIssuer) { i.Issuer = "" }), []string{"Others[0].Issuer: empty"}},
		{"none with an issuer", "", "", but(func(i *TrustedIssuer) { i.Issuer = "" }), []string{"Issuer: empty", "Others[0].Issuer: empty"}},
		{"the same issuer twice", issuerB, "", []TrustedIssuer{fine}, []string{`Others[0].Issuer: "` + issuerB + `" is there twice`}},
		{"the same among others", issuerA, "", []TrustedIssuer{fine, {Issuer: issuerB, Secret: testSecret, UserIDPrefix: "c:"}}, []string{"Others[1].Issuer: "}},
		{"the same prefix", issuerA, "b:", []TrustedIssuer{fine}, []string{`Others[0].UserIDPrefix: that of "` + issuerA + `", too`}},
		{"no prefix at all", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "" }), []string{"Others[0].UserIDPrefix: that of"}},
		{"the same prefix among others", issuerA, "", []TrustedIssuer{fine, {Issuer: issuerC, Secret: testSecret, UserIDPrefix: "b:"}}, []string{`Others[1].UserIDPrefix: that of "` + issuerB}},
		{"the same all over", issuerB, "b:", []TrustedIssuer{fine}, []string{"Others[0].Issuer: ", "Others[0].UserIDPrefix: "}},
		{"white space around an issuer", issuerA, "", but(func(i *TrustedIssuer) { i.Issuer = issuerB + " " }), []string{"Others[0].Issuer: white space"}},
		{"HOSTILE 57: no key", issuerA, "", but(func(i *TrustedIssuer) { i.Secret = nil }), []string{"Others[0].Secret: not set, and neither are Keys"}},
		{"HOSTILE 57: a short secret", issuerA, "", but(func(i *TrustedIssuer) { i.Secret = otherSecret[:31] }), []string{"Others[0].Secret: 31 bytes"}},
		{"HOSTILE 24: PEM", issuerA, "", but(func(i *TrustedIssuer) { i.Secret = publicPEM(t, rsaKey())[:100] }), []string{"Others[0].Secret: a key or certificate"}},
		{"secret and keys", issuerA, "", but(func(i *TrustedIssuer) { i.Keys, i.Algorithms = rsaKeys, []string{"RS256"} }), []string{"Others[0].Secret: set beside Keys"}},
		{"nil keys", issuerA, "", but(func(i *TrustedIssuer) { i.Secret, i.Keys, i.Algorithms = nil, (*KeyRing)(nil), []string{"RS256"} }), []string{"Others[0].Keys: nil"}},
		{"no algorithms", issuerA, "", but(func(i *TrustedIssuer) { i.Secret, i.Keys = nil, rsaKeys }), []string{"Others[0].Algorithms: empty"}},
		{"HOSTILE 23: none", issuerA, "", but(func(i *TrustedIssuer) { i.Algorithms = []string{"none"} }), []string{`Others[0].Algorithms[0]: "none"`}},
		{"HOSTILE 24: keys for HS256", issuerA, "", but(func(i *TrustedIssuer) { i.Secret, i.Keys, i.Algorithms = nil, rsaKeys, []string{"RS256", "HS256"} }), []string{"Others[0].Algorithms[1]: HS256 needs a Secret"}},
		{"empty list of audiences", issuerA, "", but(func(i *TrustedIssuer) { i.Audience = []string{} }), []string{"Others[0].Audience: empty"}},
		{"empty audience", issuerA, "", but(func(i *TrustedIssuer) { i.Audience = []string{"x", ""} }), []string{"Others[0].Audience[1]: "}},
		{"type with parameters", issuerA, "", but(func(i *TrustedIssuer) { i.Type = "at+jwt;v=1" }), []string{"Others[0].Type: "}},
		{"negative age", issuerA, "", but(func(i *TrustedIssuer) { i.MaxAge = -1 }), []string{"Others[0].MaxAge: negative"}},
		{"claim names", issuerA, "", but(func(i *TrustedIssuer) { i.Claims = ClaimNames{UserID: NoClaim, Staff: "exp"} }), []string{"Others[0].Claims.UserID: ", "Others[0].Claims.Staff: "}},
		{"HOSTILE 122: the prefix of API keys", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "apikey:" }), []string{"Others[0].UserIDPrefix: "}},
		{"HOSTILE 122: the prefix of API keys in other letters", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "ApiKey:x" }), []string{"Others[0].UserIDPrefix: "}},
		{"HOSTILE 122: the prefix of API keys, of the first", issuerA, "apikey:b", []TrustedIssuer{fine}, []string{"UserIDPrefix: "}},
		{"prefix too long", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = strings.Repeat("b", 65) }), []string{"Others[0].UserIDPrefix: longer than 64"}},
		{"space behind a prefix", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "b: " }), []string{"Others[0].UserIDPrefix: "}},
		{"NUL in a prefix", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "b\x00:" }), []string{"Others[0].UserIDPrefix: "}},
		{"a prefix that is not UTF-8", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "b\xff:" }), []string{"Others[0].UserIDPrefix: "}},
		{"a zero-width space in a prefix", issuerA, "", but(func(i *TrustedIssuer) { i.UserIDPrefix = "b\u200b:" }), []string{"Others[0].UserIDPrefix: "}},
		{"all at once", issuerA, "apikey:", []TrustedIssuer{
			{Audience: []string{"", "x", " y"}, Type: "a b", MaxAge: -1, Claims: ClaimNames{Scope: "sub", Permissions: "iss"}, UserIDPrefix: "\n", Algorithms: []string{"RSA"}, Secret: []byte("x")},
			{Issuer: issuerA + "\n"},
			{Issuer: issuerA, Secret: otherSecret, UserIDPrefix: "apikey:"},
		}, []string{
			"UserIDPrefix: begins with that of API keys",
			"Others[0].Issuer: empty",
			`Others[0].Algorithms[0]: "RSA"`,
			"Others[0].Secret: 1 bytes",
			"Others[0].Audience[0]: ",
			"Others[0].Audience[2]: ",
			"Others[0].Type: ",
			"Others[0].MaxAge: ",
			"Others[0].Claims.Permissions: ",
			"Others[0].Claims.Scope: ",
			"Others[0].UserIDPrefix: ",
			"Others[1].Secret: not set",
			"Others[1].Issuer: white space",
			"Others[2].UserIDPrefix: begins with",
			"Others[2].Issuer: ",
			"Others[2].UserIDPrefix: that of",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, err := New(Config{Issuer: c.issuer, Secret: testSecret, UserIDPrefix: c.prefix, Others: c.others})
			require.Error(t, err)
			assert.Nil(t, b)
			text, ok := strings.CutPrefix(err.Error(), "jwtauth.New: ")
			require.True(t, ok)
			lines := strings.Split(text, "\n")
			require.Len(t, lines, len(c.want), text)
			for i, want := range c.want {
				assert.True(t, strings.HasPrefix(lines[i], want), "%s\nis not\n%s", lines[i], want)
			}
			assert.NotContains(t, text, string(otherSecret[:20]), "HOSTILE 112")
		})
	}
	t.Run("what is fine", func(t *testing.T) {
		_, err := New(Config{Issuer: issuerA, Secret: testSecret, Others: []TrustedIssuer{fine}})
		assert.NoError(t, err)
		_, err = New(Config{Issuer: issuerA, Secret: testSecret, UserIDPrefix: "a:", Others: []TrustedIssuer{{Issuer: issuerB, Secret: testSecret}}})
		assert.NoError(t, err, "any of them may be the one without a prefix")
		_, err = New(Config{Secret: testSecret, UserIDPrefix: strings.Repeat("é", 32)})
		assert.NoError(t, err)
	})
}

// The secret of the environment is the first issuer's, and nobody else's.
func TestOthersDoNotTakeTheSecretOfTheEnvironment(t *testing.T) {
	t.Setenv(secretVariable, string(testSecret))
	_, err := New(Config{Issuer: issuerA, Others: []TrustedIssuer{{Issuer: issuerB, UserIDPrefix: "b:"}}})
	assert.ErrorContains(t, err, "jwtauth.New: Others[0].Secret: not set")
	b := newTestBackend(t, func(c *Config) {
		c.Secret, c.Issuer = nil, issuerA
		c.Others = []TrustedIssuer{{Issuer: issuerB, Secret: otherSecret, UserIDPrefix: "b:"}}
	})
	requireAccepted(t, b, signPlain(t, plainHeader, claimsOf(issuerA)))
	requireRefused(t, b, signPlain(t, plainHeader, claimsOf(issuerB)), errSignature)
}

// Whoever changes a configuration after New changes no backend.
func TestTrustsDoNotFollowTheConfiguration(t *testing.T) {
	config := Config{Issuer: issuerA, Secret: testSecret, Now: func() time.Time { return testNow }, Others: []TrustedIssuer{
		{Issuer: issuerB, Secret: append([]byte(nil), otherSecret...), Algorithms: []string{"HS256"}, Audience: []string{"api"}, UserIDPrefix: "b:"},
	}}
	b, err := New(config)
	require.NoError(t, err)
	other := &config.Others[0]
	clear(other.Secret)
	other.Algorithms[0], other.Audience[0], other.Issuer, other.UserIDPrefix = "none", "x", "x", ""
	p := requireAccepted(t, b, sign(t, "HS256", otherSecret, plainHeader, claimsOf(issuerB, "aud", `"api"`)))
	assert.Equal(t, "b:42", p.UserID())
	requireRefused(t, b, sign(t, "HS256", make([]byte, len(otherSecret)), plainHeader, claimsOf(issuerB, "aud", `"api"`)), errSignature)
}

// An issuer whose keys are not known has its tokens refused, and no others.
func TestKeysOfOneIssuerNotKnown(t *testing.T) {
	b := newTwoIssuers(t, func(c *Config) { c.Others[0].Keys = new(changingKeys) })
	requireAccepted(t, b, sign(t, "HS256", testSecret, headerOfOneID, claimsOf(issuerA)))
	p, err := authenticate(b, sign(t, "HS256", otherSecret, headerOfOneID, claimsOf(issuerB)))
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	assert.False(t, errors.Is(err, runtime.ErrInvalidCredentials))
	assert.Nil(t, p)
}
