package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

func requestWith(key string) *http.Request {
	return &http.Request{Header: http.Header{"X-Api-Key": {key}}}
}

// build builds a command of the module in a folder.
func build(t *testing.T, module, path, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", output, path)
	cmd.Dir = module
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, string(text))
}

// TestBuilt takes a user's way with the built programs and a file: from boltauthgen key init to a key that a server
// refuses.
func TestBuilt(t *testing.T) {
	bin, dir := t.TempDir(), t.TempDir()
	build(t, filepath.Join("..", ".."), "./cmd/boltauthgen", bin+string(filepath.Separator))
	run := func(args ...string) (code int, stdout, stderr string) {
		t.Helper()
		var o, e bytes.Buffer
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "boltauthgen"), args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &o, &e
		cmd.Env = append(os.Environ(), "PATH="+t.TempDir()) // nothing but what is beside it
		if err := cmd.Run(); err != nil {
			require.ErrorAs(t, err, new(*exec.ExitError))
		}
		return cmd.ProcessState.ExitCode(), o.String(), e.String()
	}
	code, _, stderr := run("key", "list", "--db", "sqlite:app.db")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "boltauthgen-key is not installed")
	assert.Contains(t, stderr, "go -C cmd/boltauthgen-key install .")

	build(t, ".", ".", bin+string(filepath.Separator))
	code, stdout, _ := run("key", "--help")
	assert.Zero(t, code)
	want, err := os.ReadFile(filepath.Join("testdata", "help", "key.txt"))
	require.NoError(t, err)
	assert.Equal(t, string(want), stdout)
	code, helped, _ := run("help", "key")
	assert.Zero(t, code)
	assert.Equal(t, stdout, helped)
	_, helped, _ = run("help", "key", "new")
	assert.Contains(t, helped, "--not-before WHEN")
	code, _, stderr = run("key", "new", "--owner", "7", "--db", "sqlite:app.db")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "boltauthgen key init --db sqlite:app.db")
	_, completions, _ := run("__complete", "key", "revoke", "--")
	assert.Contains(t, completions, "--db\t")

	code, _, stderr = run("key", "init", "--db", "sqlite:app.db")
	require.Zero(t, code, stderr)
	code, text, stderr := run("key", "new", "--owner", "7", "--permission", "blog.view_article", "--db", "sqlite:app.db")
	require.Zero(t, code, stderr)
	text = strings.TrimSpace(text)
	_, id, err := apikey.Parse(text)
	require.NoError(t, err)

	db, err := options{db: "sqlite:" + filepath.Join(dir, "app.db")}.open(false)
	require.NoError(t, err)
	defer db.Close()
	store, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: db})
	require.NoError(t, err)
	backend, err := apikey.New(apikey.Config{Lookup: store.Lookup})
	require.NoError(t, err)
	p, err := backend.Authenticate(requestWith(text))
	require.NoError(t, err)
	assert.Equal(t, "apikey:"+id, p.UserID())
	assert.True(t, p.HasPermission("blog.view_article"))

	_, completions, _ = run("__complete", "key", "revoke", "--db", "sqlite:app.db", "")
	assert.Contains(t, completions, id+"\t7\n")
	code, _, stderr = run("key", "revoke", "--db", "sqlite:app.db", id)
	require.Zero(t, code, stderr)
	_, err = backend.Authenticate(requestWith(text))
	assert.ErrorIs(t, err, runtime.ErrRevoked)
	code, _, _ = run("key", "revoke", "--db", "sqlite:app.db", "0123456789abcdef")
	assert.Equal(t, 1, code, "the other program's exit code")

	for _, name := range []string{"app.db", "app.db-wal", "app.db-journal"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
			continue
		}
		assert.NotContains(t, string(content), text[len(text)-36:], "the file holds a key")
	}
}
