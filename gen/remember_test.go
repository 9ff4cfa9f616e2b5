package gen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

func TestMemory(t *testing.T) {
	m := memory{dir: filepath.Join(t.TempDir(), "cache"), generator: "g"}
	pkg := &load.Package{Dir: "/p", Generated: &load.File{Source: []byte("code")}}
	assert.False(t, m.unchanged(pkg, "model"), "nothing is remembered yet")
	m.remember(pkg, "model", []byte("code"))
	assert.True(t, m.unchanged(pkg, "model"))

	assert.False(t, m.unchanged(pkg, "another model"))
	assert.False(t, m.unchanged(&load.Package{Dir: "/q", Generated: pkg.Generated}, "model"), "another folder")
	assert.False(t, m.unchanged(&load.Package{Dir: "/p", Generated: &load.File{Source: []byte("code ")}}, "model"), "damaged code")
	assert.False(t, m.unchanged(&load.Package{Dir: "/p"}, "model"), "code that is gone")
	assert.False(t, memory{}.unchanged(pkg, "model"), "no memory")
	require.NoError(t, os.WriteFile(m.file(pkg), []byte("model\n"), 0o644))
	assert.False(t, m.unchanged(pkg, "model"), "a record that was cut off")
}

// TestGenerateRemembers damages a package behind the generator's back: what it remembers must never keep it from writing.
func TestGenerateRemembers(t *testing.T) {
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache))) // or nothing would be compiled yet
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := os.MkdirTemp("../testdata/golden", "remember")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, name := range []string{"blog.go", "drive.go", load.GeneratedName} {
		b, err := os.ReadFile(filepath.Join("../testdata/golden/accepted/blog", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
	}
	file := filepath.Join(dir, load.GeneratedName)
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	generate := func() Status {
		result, err := Generate(t.Context(), Config{Dir: dir})
		require.NoError(t, err)
		require.Len(t, result.Outputs, 1)
		return result.Outputs[0].Status
	}
	assert.Equal(t, Unchanged, generate(), "rendered")
	assert.Equal(t, Unchanged, generate(), "remembered")

	open := append([]byte(nil), good...)
	copy(open[len(open)-40:], "// damaged")
	require.NoError(t, os.WriteFile(file, open, 0o644))
	assert.Equal(t, Written, generate(), "damaged code")
	now, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(good), string(now))

	source := filepath.Join(dir, "blog.go")
	b, err := os.ReadFile(source)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(source, append(b, "\n//auth:route GET /new\nfunc (s *Server) New() {}\n"...), 0o644))
	assert.Equal(t, Written, generate(), "another handler")
	assert.Equal(t, Unchanged, generate())
	require.NoError(t, os.Remove(file))
	assert.Equal(t, Written, generate(), "code that is gone")
}
