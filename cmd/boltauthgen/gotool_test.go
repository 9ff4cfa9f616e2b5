package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const blogSource = `package blog

import "net/http"

//go:generate go tool boltauthgen -v

type Server struct{}

//auth:route GET /health
//auth:guard AllowAny()
func (s *Server) Health(w http.ResponseWriter, r *http.Request) {}
`

// module writes a module with one package that is a user of ours, with this program as its tool, and returns its folder.
func module(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(repository, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, name), b, 0o644))
	}
	const own = "github.com/boltauthgen/boltauthgen"
	code, _, stderr := execute(t, root, "go", "mod", "edit", "-module=example.com/app", "-droptool=honnef.co/go/tools/cmd/staticcheck",
		"-require="+own+"@v0.0.0", "-replace="+own+"="+repository, "-tool="+own+"/cmd/boltauthgen")
	require.Equal(t, 0, code, stderr)
	require.NoError(t, os.Mkdir(filepath.Join(root, "blog"), 0o755))
	write(t, filepath.Join(root, "blog", "blog.go"), blogSource)
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// execute runs a program and returns its exit code and what it printed.
func execute(t *testing.T, dir, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var o, e bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &o, &e
	if err := cmd.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

// TestGoTool takes a user's way: go generate, an edit, a check that fails, a mistake, and a mended file.
func TestGoTool(t *testing.T) {
	root := module(t)
	source, generated := filepath.Join(root, "blog", "blog.go"), filepath.Join(root, "blog", "auth_gen.go")

	code, _, stderr := execute(t, root, "go", "tool", "boltauthgen", "check", "./...")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, filepath.Join("blog", "auth_gen.go")+": the generated file is missing\n    hint: run go generate ./blog, or boltauthgen ./blog\n")
	assert.NoFileExists(t, generated, "check has written")

	code, stdout, stderr := execute(t, root, "go", "generate", "./...")
	assert.Equal(t, 0, code, stderr)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "wrote "+generated+"\n", "the path is absolute: go generate was called elsewhere")
	assert.FileExists(t, generated)

	code, stdout, stderr = execute(t, root, "go", "tool", "boltauthgen", "check", "./...")
	assert.Equal(t, 0, code)
	assert.Empty(t, stdout+stderr)
	code, _, stderr = execute(t, root, "go", "vet", "./...")
	assert.Equal(t, 0, code, stderr)

	before, err := os.ReadFile(generated)
	require.NoError(t, err)
	write(t, source, blogSource+"\n//auth:gaurd AllowAny()\nfunc (s *Server) Other(w http.ResponseWriter, r *http.Request) {}\n")
	code, _, stderr = execute(t, root, "go", "generate", "./...")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, source+":13:")
	after, err := os.ReadFile(generated)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "a package with a problem keeps its file")

	write(t, source, blogSource+"\n//auth:route GET /other\n//auth:guard AllowAny()\nfunc (s *Server) Other(w http.ResponseWriter, r *http.Request) {}\n")
	code, _, stderr = execute(t, filepath.Join(root, "blog"), "go", "tool", "boltauthgen", "check")
	assert.Equal(t, 1, code)
	assert.Regexp(t, `(?m)^auth_gen.go:\d+: the generated file is out of date$`, stderr)
	assert.Regexp(t, `(?mi)^    \+.*other`, stderr, "the first line that differs")

	code, stdout, stderr = execute(t, root, "go", "tool", "boltauthgen", "--json", "./...")
	assert.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, `"results": []`)

	write(t, source, "package blog\n")
	code, _, stderr = execute(t, root, "go", "tool", "boltauthgen", "-v", "-C", "blog")
	assert.Equal(t, 0, code, stderr)
	assert.Equal(t, "removed "+filepath.Join("blog", "auth_gen.go")+"\n", stderr)
	assert.NoFileExists(t, generated)

	code, _, stderr = execute(t, root, "go", "tool", "boltauthgen")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "no Go files in")
}
