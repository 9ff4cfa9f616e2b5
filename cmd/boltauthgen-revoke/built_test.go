package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// build builds a command of the module in a folder.
func build(t *testing.T, module, path, output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", output, path)
	cmd.Dir = module
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, string(text))
}

// TestBuilt takes an operator's way with the built programs, a file and a server that has it: from a token that holds to
// one that is refused.
func TestBuilt(t *testing.T) {
	t.Parallel() // with a test that waits
	bin, dir := t.TempDir(), t.TempDir()
	build(t, filepath.Join("..", ".."), "./cmd/boltauthgen", bin+string(filepath.Separator))
	run := func(args ...string) (code int, stdout, stderr string) {
		t.Helper()
		var o, e bytes.Buffer
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "boltauthgen"), args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &o, &e
		cmd.Env = append(os.Environ(), "PATH="+t.TempDir(), "REVOCATION=sqlite:app.db") // nothing but what is beside it
		if err := cmd.Run(); err != nil {
			require.ErrorAs(t, err, new(*exec.ExitError))
		}
		return cmd.ProcessState.ExitCode(), o.String(), e.String()
	}
	code, _, stderr := run("revoke", "--issuer", "", "--jti", "x")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "boltauthgen-revoke is not installed")
	assert.Contains(t, stderr, "go -C cmd/boltauthgen-revoke install .")

	build(t, ".", ".", bin+string(filepath.Separator))
	for _, command := range []string{"revoke", "status"} {
		want, err := os.ReadFile(filepath.Join("testdata", "help", command+".txt"))
		require.NoError(t, err)
		code, stdout, _ := run(command, "--help")
		assert.Equal(t, []any{0, string(want)}, []any{code, stdout})
		code, stdout, _ = run("help", command)
		assert.Equal(t, []any{0, string(want)}, []any{code, stdout})
	}
	_, completions, _ := run("__complete", "revoke", "--")
	assert.Contains(t, completions, "--family\t")
	assert.NotContains(t, completions, "`")
	code, stdout, _ := run("revoke", "--issuer", "", "--jti", "x")
	assert.Equal(t, []any{2, ""}, []any{code, stdout}, "no server has made the file yet")

	store, err := storeurl.Open(t.Context(), "sqlite:"+filepath.Join(dir, "app.db"))
	require.NoError(t, err)
	defer store.Close()
	const me = "https://auth.example"
	secret := bytes.Repeat([]byte("0123456789abcdef"), 2)
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret, Issuer: me})
	require.NoError(t, err)
	backend, err := jwtauth.New(jwtauth.Config{Secret: secret, Issuer: me, Revocation: store.Feed})
	require.NoError(t, err)
	login := func() (token, jti string) {
		token, err := issuer.Token(jwtauth.User{ID: "42"}, jwtauth.TokenOptions{Lifetime: time.Hour})
		require.NoError(t, err)
		p, err := backend.Authenticate(requestWith(token))
		require.NoError(t, err)
		known, err := jwtauth.TokenOf(p)
		require.NoError(t, err)
		return token, known.ID
	}
	first, jti := login()
	second, _ := login()

	code, _, stderr = run("revoke", "--issuer", "", "--jti", jti)
	require.Zero(t, code, stderr)
	_, err = backend.Authenticate(requestWith(first))
	assert.NoError(t, err, "that of another issuer")

	code, stdout, stderr = run("revoke", "--issuer", me, "--jti", jti)
	require.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.Contains(t, stdout, "revoked: token \""+jti+"\", of issuer \"https://auth.example\"\nstore: sqlite ")
	assert.Contains(t, stdout, "/app.db, table revocations; by REVOCATION\n")
	_, err = backend.Authenticate(requestWith(first))
	assert.ErrorIs(t, err, runtime.ErrRevoked)
	_, err = backend.Authenticate(requestWith(second))
	assert.NoError(t, err)

	code, _, stderr = run("revoke", "--issuer", me, "--user", "42")
	require.Zero(t, code, stderr)
	_, err = backend.Authenticate(requestWith(second))
	assert.ErrorIs(t, err, runtime.ErrRevoked)

	code, stdout, stderr = run("status")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "\ntokens    2\nfamilies  0\nusers     1\n")
	code, _, stderr = run("status", "--store", "redis://u:hidden@127.0.0.1:1/0")
	assert.Equal(t, 2, code)
	assert.NotContains(t, stderr, "hidden")
	assert.Equal(t, 1, strings.Count(stderr, "\n"), "the drivers say nothing by themselves: %s", stderr)
}

func requestWith(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}
