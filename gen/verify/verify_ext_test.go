package verify_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/check"
	"github.com/boltauthgen/boltauthgen/gen/directive"
	"github.com/boltauthgen/boltauthgen/gen/emit"
	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
	"github.com/boltauthgen/boltauthgen/gen/verify"
)

// TestFile damages what the emitter wrote as a faulty emitter would have written it.
func TestFile(t *testing.T) {
	prog, err := load.Load(t.Context(), load.Config{Also: []string{model.RuntimePath, "net/http", "errors"}}, "../../testdata/golden/accepted/blog")
	require.NoError(t, err)
	require.Len(t, prog.Packages, 1)
	pkg := prog.Packages[0]
	read := func(p *load.Package) *directive.Package {
		d, problems := directive.Read(prog.Fset, p)
		require.Empty(t, problems)
		return d
	}
	m, problems := check.Package(prog.Fset, pkg, read(pkg), read)
	require.Empty(t, problems)
	source, err := emit.File(m)
	require.NoError(t, err)

	const signed = "	if !s.signed(r) {"
	tests := []struct{ name, old, new, err string }{
		{"nothing", "", "", ""},
		{"syntax", signed, "	if !s.signed(r {", "parse"},
		{"a method that does not exist", "p.IsStaff()", "p.IsNobody()", "IsNobody"},
		{"a type that does not fit", "p.Fresh(maxAge)", "p.Fresh(\"\")", "cannot use"},
		{"an unused variable", signed, "	unused := 1\n" + signed, "declared and not used"},
		{"a local variable with the name of a constant of the guard", "	if !p.Fresh(maxAge) {", "	const maxAge = 1 << 62\n	if !p.Fresh(maxAge) {", "another meaning"},
		{"a field for a method", signed, "	if s.JWT == nil {", "another meaning"},
		{"a method of the same name on another type", signed, "	if s := (&other{}); !s.signed(r) {", "another meaning"},
		{"a step is not there", signed, "	if false {", "another meaning"},
		{"a handler is not there", "func (g *GuardedServer) Hook(", "func (g *GuardedServer) Hooked(", "Hook"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			damaged := string(source)
			if test.old != "" {
				require.Contains(t, damaged, test.old)
				damaged = strings.Replace(damaged, test.old, test.new, 1)
			}
			damaged += "\n\ntype other struct{}\n\nfunc (*other) signed(*http.Request) bool { return true }\n"
			err := verify.File(prog, pkg, m, filepath.Join(pkg.Dir, load.GeneratedName), []byte(damaged))
			if test.err == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.err)
		})
	}
}
