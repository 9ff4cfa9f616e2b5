// Package authtest helps users of boltauthgen to test their own packages.
package authtest

import (
	"strings"
	"testing"

	"github.com/boltauthgen/boltauthgen/gen"
	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// UpToDate fails the test if the directives of a package have a problem, or if its auth_gen.go is not what go generate
// would write: someone changed a guard and did not generate, or changed the generated code. The packages are named as for the
// go command, relative to the folder of the test; without any it is the package under test. It needs the go command.
func UpToDate(t testing.TB, packages ...string) {
	t.Helper()
	result, err := gen.Check(t.Context(), gen.Config{Patterns: packages})
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	if len(result.Diagnostics) > 0 {
		var text strings.Builder
		printer := diag.Text{Dir: ".", Source: result.Source}
		if err := printer.Print(&text, result.Diagnostics); err != nil {
			t.Fatalf("authtest: %v", err)
		}
		t.Errorf("the directives have problems:\n%s", text.String())
	}
	generated := false
	for _, out := range result.Outputs {
		generated = true
		if out.Status == gen.Stale {
			t.Errorf("%s is not what the directives say; run go generate", out.File)
		}
	}
	if !generated && len(result.Diagnostics) == 0 {
		t.Errorf("no package here has directives")
	}
}
