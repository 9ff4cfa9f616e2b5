package jwtauth

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func newWithNames(t *testing.T, names ClaimNames) *Backend {
	t.Helper()
	return newTestBackend(t, func(c *Config) { c.Claims = names })
}

// The user's id in another claim than sub: as simplejwt writes it, for example.
func TestUserIDClaim(t *testing.T) {
	b := newWithNames(t, ClaimNames{UserID: "user_id"})
	cases := []struct {
		name, value string
		want        string
		err         error
	}{
		{"a string", `"7"`, "7", nil},
		{"a UUID", `"0b5c7f1e-3a52-4c0e-9d0f-5a6a3c2b1d00"`, "0b5c7f1e-3a52-4c0e-9d0f-5a6a3c2b1d00", nil},
		{"an escaped string", `"\u0037"`, "7", nil},
		{"a whole number", `7`, "7", nil},
		{"a long whole number", `1234567890123456789`, "1234567890123456789", nil},
		{"a whole number beyond a float64", `9007199254740993`, "9007199254740993", nil},
		{"white space around", " 7 ", "7", nil},
		{"the number of 19 digits", `9999999999999999999`, "9999999999999999999", nil},
		{"HOSTILE 51: 0", `0`, "", errSubject},
		{"HOSTILE 51: \"0\"", `"0"`, "", errSubject},
		{"HOSTILE 44: -0", `-0`, "", errSubject},
		{"HOSTILE 51: negative", `-1`, "", errSubject},
		{"HOSTILE 51: with a fraction", `1.0`, "", errSubject},
		{"HOSTILE 51: with a fraction of zero", `7.`, "", errClaims},
		{"HOSTILE 51: with an exponent", `1e3`, "", errSubject},
		{"HOSTILE 51: with another exponent", `1E3`, "", errSubject},
		{"HOSTILE 51: with a positive exponent", `1e+0`, "", errSubject},
		{"HOSTILE 51: leading zeros, of which JSON knows none", `007`, "", errSubject}, // the first 0 is read
		{"HOSTILE 51: hexadecimal", `0x7`, "", errSubject},
		{"HOSTILE 51: two numbers", `7 8`, "", errClaims},
		{"HOSTILE 51: a number and a letter", `7a`, "", errClaims},
		{"HOSTILE 51: with a plus sign", `+7`, "", errClaims},
		{"HOSTILE 51: 20 digits", `18446744073709551616`, "", errSubject},
		{"HOSTILE 44: 300 digits", strings.Repeat("9", 300), "", errSubject},
		{"HOSTILE 44: 1e400", `1e400`, "", errClaims},
		{"HOSTILE 51: missing", ``, "", errSubject},
		{"HOSTILE 51: empty", `""`, "", errSubject},
		{"HOSTILE 51: null", `null`, "", errSubject},
		{"HOSTILE 51: true", `true`, "", errSubject},
		{"HOSTILE 51: a list", `[7]`, "", errSubject},
		{"HOSTILE 51: an object", `{"id":7}`, "", errSubject},
		{"HOSTILE 51: with a space", `" 7"`, "", errSubject},
		{"HOSTILE 51: with a line end", `"7\n"`, "", errSubject},
		{"HOSTILE 51: too long", `"` + strings.Repeat("7", 256) + `"`, "", errSubject},
		{"HOSTILE 122: that of an API key", `"apikey:ci"`, "", errReserved},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := signPlain(t, plainHeader, with("user_id", c.value))
			if c.err != nil {
				requireRefused(t, b, token, c.err)
				return
			}
			p := requireAccepted(t, b, token)
			assert.Equal(t, c.want, p.UserID())
			assert.Equal(t, c.want, must(TokenOf(p)).UserID)
		})
	}
	t.Run("sub means nothing then", func(t *testing.T) {
		for _, sub := range []string{"", `"1"`, `1`, `null`, `["x"]`, `"apikey:ci"`, `""`} {
			p := requireAccepted(t, b, signPlain(t, plainHeader, with("sub", sub, "user_id", `"7"`)))
			assert.Equal(t, "7", p.UserID(), sub)
			requireRefused(t, b, signPlain(t, plainHeader, with("sub", sub)), errSubject)
		}
	})
	t.Run("whichever comes first", func(t *testing.T) {
		for _, claims := range []string{`{"sub":"1","user_id":7,"exp":1750003600}`, `{"user_id":7,"sub":"1","exp":1750003600}`, `{"\u0073ub":"1","user\u005fid":7,"exp":1750003600}`} {
			assert.Equal(t, "7", requireAccepted(t, b, signPlain(t, plainHeader, claims)).UserID())
		}
	})
	t.Run("HOSTILE 41: twice", func(t *testing.T) {
		requireRefused(t, b, signPlain(t, plainHeader, `{"user_id":7,"user_id":8,"exp":1750003600}`), errClaims)
		requireRefused(t, b, signPlain(t, plainHeader, `{"user_id":7,"user\u005fid":8,"exp":1750003600}`), errClaims)
		requireRefused(t, b, signPlain(t, plainHeader, `{"sub":"7","sub":"8","user_id":7,"exp":1750003600}`), errClaims)
	})
	t.Run("HOSTILE 51: sub itself holds no number, named or not", func(t *testing.T) {
		for _, names := range []ClaimNames{{}, {UserID: "sub"}, {Staff: "admin"}} {
			requireRefused(t, newWithNames(t, names), signPlain(t, plainHeader, with("sub", "7")), errSubject)
		}
	})
	t.Run("the usual name counts without renaming", func(t *testing.T) {
		b := newTestBackend(t, nil)
		assert.Equal(t, "42", requireAccepted(t, b, signPlain(t, plainHeader, with("user_id", "7"))).UserID())
		requireRefused(t, b, signPlain(t, plainHeader, with("user_id", "7", "sub", "")), errSubject)
	})
}

// rights are what a principal may do.
type rights struct {
	permissions      []string
	staff, superuser bool
	reads, writes    bool // scopes
}

func rightsOf(p *runtime.Principal) rights {
	return rights{p.Permissions(), p.IsStaff(), p.IsSuperuser(), p.HasScope(runtime.NewScope("read")), p.HasScope(runtime.NewScope("write"))}
}

func TestClaimNames(t *testing.T) {
	const all = `"permissions":["p"],"scope":"read","is_staff":true,"is_superuser":true,"roles":["r","q"],"scp":["write"],"staff":true,"admin":true,`
	cases := []struct {
		name   string
		names  ClaimNames
		claims string
		want   rights
	}{
		{"none", ClaimNames{}, all, rights{[]string{"p"}, true, true, true, false}},
		{"the usual ones", ClaimNames{"sub", "permissions", "scope", "is_staff", "is_superuser"}, all, rights{[]string{"p"}, true, true, true, false}},
		{"others", ClaimNames{Permissions: "roles", Scope: "scp", Staff: "staff", Superuser: "admin"}, all, rights{[]string{"r", "q"}, true, true, false, true}},
		{"others, and only the usual ones there", ClaimNames{Permissions: "roles", Scope: "scp", Staff: "staff", Superuser: "admin"}, `"permissions":["p"],"scope":"read","is_staff":true,"is_superuser":true,`, rights{}},
		{"others, which say no", ClaimNames{Staff: "staff", Superuser: "admin"}, `"is_staff":true,"is_superuser":true,"staff":false,"admin":false,`, rights{}},
		{"no claim for anything", ClaimNames{Permissions: NoClaim, Scope: NoClaim, Staff: NoClaim, Superuser: NoClaim}, all, rights{}},
		{"no claim, and one of that name", ClaimNames{Permissions: NoClaim, Scope: NoClaim, Staff: NoClaim, Superuser: NoClaim}, all + `"-":true,`, rights{}},
		{"no permissions", ClaimNames{Permissions: NoClaim}, all, rights{nil, true, true, true, false}},
		{"no scope", ClaimNames{Scope: NoClaim}, all, rights{[]string{"p"}, true, true, false, false}},
		{"no staff", ClaimNames{Staff: NoClaim}, all, rights{[]string{"p"}, false, true, true, false}},
		{"no superuser", ClaimNames{Superuser: NoClaim}, all, rights{[]string{"p"}, true, false, true, false}},
		{"superuser renamed", ClaimNames{Superuser: "admin"}, `"is_superuser":true,`, rights{}},
		{"permissions by escapes", ClaimNames{Permissions: "roles"}, `"r\u006fles":["\u0072"],`, rights{permissions: []string{"r"}}},
		{"permissions by escapes of the usual name", ClaimNames{Permissions: "roles"}, `"p\u0065rmissions":["p"],`, rights{}},
		{"permissions empty", ClaimNames{Permissions: "roles"}, `"roles":[],`, rights{}},
		{"a name that is a URL", ClaimNames{Permissions: "https://example.com/roles"}, `"https://example.com/roles":["r"],"roles":["x"],`, rights{permissions: []string{"r"}}},
		{"a name that is a URL, with escaped slashes", ClaimNames{Permissions: "https://example.com/roles"}, `"https:\/\/example.com\/roles":["r"],`, rights{permissions: []string{"r"}}},
		{"a name with a dot is no path", ClaimNames{Permissions: "realm_access.roles"}, `"realm_access":{"roles":["x"]},"realm_access.roles":["r"],`, rights{permissions: []string{"r"}}},
		{"a claim inside another is none", ClaimNames{Permissions: "roles"}, `"x":{"roles":["x"]},`, rights{}},
		{"a name that is not ASCII", ClaimNames{Permissions: "rôles"}, `"r\u00f4les":["r"],`, rights{permissions: []string{"r"}}},
		{"a name of capitals", ClaimNames{Permissions: "Permissions"}, `"Permissions":["r"],"permissions":["p"],`, rights{permissions: []string{"r"}}},
		{"scope as a string under another name", ClaimNames{Scope: "scp"}, `"scp":"read write","scope":"admin",`, rights{reads: true, writes: true}},
		{"scope as a list under another name", ClaimNames{Scope: "scp"}, `"scp":["read","write"],`, rights{reads: true, writes: true}},
		{"scope is no permission", ClaimNames{Scope: "scp"}, `"scp":["read"],"permissions":["write"],`, rights{permissions: []string{"write"}, reads: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newWithNames(t, c.names)
			token := signPlain(t, plainHeader, "{"+c.claims+plainClaims[1:])
			for range 2 { // and as it is remembered
				p := requireAccepted(t, b, token)
				assert.Equal(t, "42", p.UserID())
				assert.Equal(t, c.want, rightsOf(p))
			}
		})
	}
}

// Claims under another name have the types of the usual ones; what has no
// meaning has no type either.
func TestTypesOfRenamedClaims(t *testing.T) {
	b := newWithNames(t, ClaimNames{Permissions: "roles", Scope: "scp", Staff: "staff", Superuser: "admin"})
	for claims, reason := range map[string]error{
		`"roles":"r"`: errPermissions, `"roles":null`: errPermissions, `"roles":[1]`: errPermissions, `"roles":[""]`: errPermissions, `"roles":{"r":true}`: errPermissions, `"roles":["r",null]`: errPermissions,
		`"scp":1`: errScope, `"scp":null`: errScope, `"scp":["read",1]`: errScope,
		`"staff":"true"`: errFlag, `"staff":1`: errFlag, `"staff":null`: errFlag, `"admin":[true]`: errFlag, `"admin":"false"`: errFlag, `"admin":0`: errFlag,
	} {
		requireRefused(t, b, signPlain(t, plainHeader, "{"+claims+","+plainClaims[1:]), reason)
	}
	requireAccepted(t, b, signPlain(t, plainHeader, `{"permissions":"p","scope":1,"is_staff":"yes","is_superuser":[true],`+plainClaims[1:]))
	requireRefused(t, b, signPlain(t, plainHeader, `{"permissions":[],"permissions":[],`+plainClaims[1:]), errClaims) // HOSTILE 41
	requireRefused(t, b, signPlain(t, plainHeader, `{"permissions":[1e999],`+plainClaims[1:]), errClaims)
	requireRefused(t, b, signPlain(t, plainHeader, `{"permissions":[,],`+plainClaims[1:]), errClaims)
	requireRefused(t, b, signPlain(t, plainHeader, `{"permissions":"`+"\xff"+`",`+plainClaims[1:]), errClaims)
}

// HOSTILE 42: names that a careless reader takes for one that has a meaning.
func TestLookalikesOfRenamedClaims(t *testing.T) {
	b := newWithNames(t, ClaimNames{UserID: "user_id", Permissions: "Roles", Scope: "scp", Staff: "isStaff", Superuser: "kadmin"})
	for _, name := range []string{
		"USER_ID", "User_Id", "uſer_id", `u\u017fer_id`, "roles", "ROLES", "roleſ", "SCP", "ſcp", "isstaff", "IsStaff", "ISSTAFF", "Kadmin", "\u212aadmin", `\u212aadmin`,
		"SUB", "Is_Superuser", "PERMISSIONS", "Scope", "EXP", "Iss", "ſub",
	} {
		requireRefused(t, b, signPlain(t, plainHeader, `{"`+name+`":true,"user_id":7,`+plainClaims[1:]), errLookalike)
	}
	for _, name := range []string{"userid", "user-id", "role", "Rolesx", "scpx", "kadmin2", "is_staff", "permissions", "-"} {
		requireAccepted(t, b, signPlain(t, plainHeader, `{"`+name+`":"x","user_id":7,`+plainClaims[1:]))
	}
	t.Run("what is renamed by none has no look-alikes", func(t *testing.T) {
		requireAccepted(t, newTestBackend(t, nil), signPlain(t, plainHeader, with("USER_ID", "1", "Roles", "1", "isStaff", "1")))
	})
	t.Run("NoClaim is no name", func(t *testing.T) {
		b := newWithNames(t, ClaimNames{Staff: NoClaim})
		requireRefused(t, b, signPlain(t, plainHeader, with("IS_STAFF", "true")), errLookalike)
		requireAccepted(t, b, signPlain(t, plainHeader, with("-", "true", "is_staff", `"x"`)))
	})
}

func TestClaimNamesRefuse(t *testing.T) {
	cases := []struct {
		name  string
		names ClaimNames
		want  []string // one error each
	}{
		{"nobody", ClaimNames{UserID: NoClaim}, []string{"Claims.UserID: somebody must have sent the token"}},
		{"one claim for two", ClaimNames{Staff: "admin", Superuser: "admin"}, []string{"Claims.Superuser: the claim admin has another meaning already"}},
		{"one claim for two, in other letters", ClaimNames{Permissions: "roles", Scope: "Roles"}, []string{"Claims.Scope: the claim Roles has another meaning already"}},
		{"one claim for three", ClaimNames{Permissions: "x", Scope: "x", Staff: "x"}, []string{"Claims.Scope: ", "Claims.Staff: "}},
		{"that of another", ClaimNames{Staff: "is_superuser"}, []string{"Claims.Staff: the claim is_superuser has a meaning of its own"}},
		{"that of another which has none", ClaimNames{Staff: "is_superuser", Superuser: NoClaim}, []string{"Claims.Staff: the claim is_superuser"}},
		{"swapped", ClaimNames{Staff: "is_superuser", Superuser: "is_staff"}, []string{"Claims.Staff: ", "Claims.Superuser: "}},
		{"all wrong", ClaimNames{"iss", "sub", "permissions", "scope", "is_staff"}, []string{"Claims.UserID: ", "Claims.Permissions: ", "Claims.Scope: ", "Claims.Staff: ", "Claims.Superuser: "}},
	}
	for _, known := range append([]string{"type"}, knownClaims...) {
		if known != "sub" {
			cases = append(cases, struct {
				name  string
				names ClaimNames
				want  []string
			}{"the known claim " + known, ClaimNames{UserID: known}, []string{"Claims.UserID: the claim " + known + " has a meaning of its own"}})
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(Config{Secret: testSecret, Claims: c.names})
			require.Error(t, err)
			text, ok := strings.CutPrefix(err.Error(), "jwtauth.New: ")
			require.True(t, ok)
			lines := strings.Split(text, "\n")
			require.Len(t, lines, len(c.want), text)
			for i, want := range c.want {
				assert.True(t, strings.HasPrefix(lines[i], want), "%s\nis not\n%s", lines[i], want)
			}
		})
	}
}

// HOSTILE 53: whatever the claims are called, only access tokens give access.
func TestOnlyAccessTokensGiveAccess(t *testing.T) {
	backends := map[string]*Backend{
		"usual names": newTestBackend(t, nil),
		"other names": newWithNames(t, ClaimNames{UserID: "user_id", Permissions: "roles", Scope: "scp", Staff: NoClaim, Superuser: NoClaim}),
		"several issuers": newTestBackend(t, func(c *Config) {
			c.Issuer, c.Others = issuerA, []TrustedIssuer{{Issuer: issuerB, Secret: otherSecret, UserIDPrefix: "b:"}}
		}),
		"a leeway and an audience": newTestBackend(t, func(c *Config) { c.Audience, c.Issuer = []string{"api"}, issuerA }),
	}
	claims := func(name string, changes ...string) string {
		changes = append(changes, "user_id", "7", "iss", `"`+issuerA+`"`)
		if name == "a leeway and an audience" {
			changes = append(changes, "aud", `"api"`)
		}
		return with(changes...)
	}
	for name, b := range backends {
		t.Run(name, func(t *testing.T) {
			for _, typ := range []string{"refresh+jwt", "refresh", "REFRESH+JWT", "application/refresh+jwt", "id+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt", "token-introspection+jwt", "JWE", "jwt ", "at+jwt; v=1"} {
				requireRefused(t, b, signPlain(t, `{"alg":"HS256","typ":"`+typ+`"}`, claims(name)), errType)
			}
			for _, claim := range []string{"typ", "token_type", "token_use"} {
				for _, purpose := range []string{
					`"refresh"`, `"Refresh"`, `"REFRESH"`, `"refresh_token"`, `"id"`, `"ID"`, `"id_token"`, `"Offline"`, `"sliding"`, `"Logout"`, `"Serialized-ID"`, `"verification"`,
					`""`, `null`, `1`, `true`, `["access"]`, `{"access":true}`, `"access "`, `" access"`, `"access,refresh"`, `"acceſs"`, `"aｃcess"`,
				} {
					requireRefused(t, b, signPlain(t, plainHeader, claims(name, claim, purpose)), errPurpose)
				}
				for _, purpose := range []string{`"access"`, `"Access"`, `"ACCESS_TOKEN"`, `"Bearer"`, `"JWT"`, `"at+jwt"`, `"\u0061ccess"`} {
					requireAccepted(t, b, signPlain(t, plainHeader, claims(name, claim, purpose)))
				}
				requireRefused(t, b, signPlain(t, plainHeader, claims(name, strings.ToUpper(claim), `"access"`)), errLookalike)
			}
			requireRefused(t, b, signPlain(t, plainHeader, claims(name, "typ", `"access"`, "token_type", `"refresh"`)), errPurpose)
			requireRefused(t, b, signPlain(t, plainHeader, claims(name, "type", `"refresh"`)), errPurpose)
			requireRefused(t, b, signPlain(t, plainHeader, claims(name, "type", `"Refresh_Token"`)), errPurpose)
			for _, claim := range []string{"at_hash", "c_hash", "events"} {
				for _, value := range []string{`"x"`, `null`, `""`, `{}`} {
					requireRefused(t, b, signPlain(t, plainHeader, claims(name, claim, value)), errPurpose)
				}
			}
			requireRefused(t, b, signPlain(t, plainHeader, claims(name, "cnf", `{"jkt":"x"}`)), errBound) // HOSTILE 60
		})
	}
}
