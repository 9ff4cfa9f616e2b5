package refreshtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

func testJoinedNames(t *testing.T, s subject) {
	for _, sep := range []string{"", "|", ":", "/", "\x1f", `","`, "' || '"} {
		a, b, c := s.name+"a", "b", "c"+s.name
		pairs := [][2]string{{a + sep + b, c}, {a, b + sep + c}, {"", a + sep + b + sep + c}, {"", sep + a + sep + b + sep + c}}
		if sep == "" {
			pairs = pairs[:3] // the fourth is the third
		}
		testDistinctFamilies(t, s, pairs)
		testDistinctUsers(t, s, pairs)
	}
}

// testHostileNames tells apart what a careless store takes for the same, and
// takes as it is what it would execute.
func testHostileNames(t *testing.T, s subject) {
	long := strings.Repeat("n", 255-len(s.name)-1)
	var names []string
	for _, name := range []string{
		"", "Fam", "fam", "FAM", "fam ", " fam", "fam\t", "fa\nm",
		"'", "''", `"`, "`", `\`, `\'`, "' OR '1'='1", "'; DROP TABLE refresh_families; --", "--", "/*", "?", "$1", ":a", "@a",
		"%", "_", "%%", "f_m", "f%", "*", "[a-z]*", "{a}", "a\r\nDEL b",
		"0", "00", "0.0", "1", "1e0", "+1", "0x1", "NULL", "true",
		"straße", "strasse", "STRASSE", "\u00e9", "e\u0301", "\u00c9", "ı", "i", "İ", "\u212a", "k", "ſ", "s", "日本", "\U0001f511", "\u200b", "\u202e",
		long + "x", long + "y", // 255 bytes each
	} {
		names = append(names, s.name+name)
	}
	var byID, byIssuer [][2]string
	for _, name := range names {
		byID = append(byID, [2]string{"issuer", name})
		byIssuer = append(byIssuer, [2]string{name, s.name})
	}
	t.Run("families", func(t *testing.T) { testDistinctFamilies(t, s, byID) })
	t.Run("issuers of families", func(t *testing.T) { testDistinctFamilies(t, s, byIssuer) })
	t.Run("users", func(t *testing.T) { testDistinctUsers(t, s, byID) })
	t.Run("issuers of users", func(t *testing.T) { testDistinctUsers(t, s, byIssuer) })
}

// testDistinctFamilies starts a family for each pair of issuer and ID, and shows
// that nothing that happens to one happens to another. It leaves none.
func testDistinctFamilies(t *testing.T, s subject, pairs [][2]string) {
	var families []refresh.Family
	for _, pair := range pairs {
		f := s.family()
		f.Issuer, f.ID = pair[0], pair[1]
		families = append(families, f)
	}
	s.testDistinct(t, families, func(i int, f refresh.Family) error {
		if i%2 == 0 {
			return s.End(t.Context(), f.Issuer, f.ID)
		}
		s.expect(t, refresh.Reused, s.rotation(f, 5000, 5001), "reuse %q", f.ID)
		return nil
	})
}

// testDistinctUsers starts a family for each pair of issuer and user, and shows
// that ending one user ends no other. It leaves none.
func testDistinctUsers(t *testing.T, s subject, pairs [][2]string) {
	var families []refresh.Family
	for i, pair := range pairs {
		f := s.family()
		f.Issuer, f.UserID = pair[0], pair[1]
		f.ID = fmt.Sprint(s.name, i)
		families = append(families, f)
	}
	s.testDistinct(t, families, func(_ int, f refresh.Family) error {
		return s.EndUser(t.Context(), f.Issuer, f.UserID, s.now)
	})
}

// testDistinct starts families, rotates them, and ends one after the other,
// forwards and then backwards. Each must still be there, with what is its own,
// until it is its turn.
func (s subject) testDistinct(t *testing.T, families []refresh.Family, end func(i int, f refresh.Family) error) {
	for range 2 {
		for i := range families {
			families[i].Current = digest(i)
			require.NoError(t, s.Start(t.Context(), families[i]), "start %q", families[i].ID)
		}
		for i, f := range families {
			s.expect(t, refresh.Rotated, s.rotation(f, i, 1000+i), "rotate %q", f.ID)
		}
		for i, f := range families {
			s.expectRepeated(t, 1000+i, s.rotation(f, i, 3000)) // this changes nothing
			require.NoError(t, end(i, f), "end %q", f.ID)
			s.expect(t, refresh.Unknown, s.rotation(f, 1000+i, 2000), "%q has ended", f.ID)
		}
		slices.Reverse(families)
	}
}
