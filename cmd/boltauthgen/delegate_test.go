package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// actVariable makes this test binary act as the program that a command runs.
const actVariable = "BOLTAUTHGEN_TEST_ACT"

func TestMain(m *testing.M) {
	switch os.Getenv(actVariable) {
	case "":
		os.Exit(m.Run())
	case "says":
		dir, _ := os.Getwd()
		fmt.Printf("key %q in %s\n", os.Args[1:], dir)
		fmt.Fprintln(os.Stderr, "said to people")
	case "fails":
		fmt.Fprintln(os.Stderr, "there is no such key")
		os.Exit(1)
	case "completes":
		fmt.Printf("new\tMake %s\nlist\n:6\n", os.Args[1:])
	case "babbles":
		fmt.Println("what?")
	case "hangs":
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}

// runKey runs a command line with this test binary as boltauthgen-key, which acts as told.
func runKey(t *testing.T, ctx context.Context, act string, args ...string) *call {
	t.Helper()
	return runDelegate(t, ctx, "boltauthgen-key", act, args...)
}

// runDelegate runs a command line with this test binary as the other program, which must be looked for by that name.
func runDelegate(t *testing.T, ctx context.Context, program, act string, args ...string) *call {
	t.Helper()
	t.Setenv(actVariable, act)
	c := &call{dir: t.TempDir()}
	c.find = func(name string) (string, error) {
		assert.Equal(t, program, name)
		return os.Executable()
	}
	c.run(ctx, args...)
	assert.Empty(t, c.job)
	return c
}

func TestKey(t *testing.T) {
	for _, args := range []string{"new", "new --name x -v --tags=a", "", "--help", "-- x", "list --json"} {
		c := runKey(t, t.Context(), "says", append([]string{"key"}, strings.Fields(args)...)...)
		assert.Equal(t, 0, c.code)
		dir, err := filepath.EvalSymlinks(c.dir)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("key %q in %s\n", strings.Fields(args), dir), c.stdout, "arguments are the other program's")
		assert.Equal(t, "said to people\n", c.stderr)
	}
	c := runKey(t, t.Context(), "says", "help", "key", "new")
	assert.True(t, strings.HasPrefix(c.stdout, `key ["new" "--help"] in `), c.stdout)

	c = runKey(t, t.Context(), "fails", "key", "revoke", "x")
	assert.Equal(t, 1, c.code)
	assert.Equal(t, "there is no such key\n", c.stderr, "it has said all that there is to say")
}

func TestRevokeAndStatus(t *testing.T) {
	for _, command := range []string{"revoke", "status"} {
		c := runDelegate(t, t.Context(), "boltauthgen-revoke", "says", command, "--store", "sqlite:x", "-v")
		assert.Equal(t, 0, c.code)
		assert.True(t, strings.HasPrefix(c.stdout, fmt.Sprintf("key %q in ", []string{command, "--store", "sqlite:x", "-v"})), c.stdout)
		c = runDelegate(t, t.Context(), "boltauthgen-revoke", "says", "help", command)
		assert.True(t, strings.HasPrefix(c.stdout, fmt.Sprintf("key %q in ", []string{command, "--help"})), c.stdout)
		c = runDelegate(t, t.Context(), "boltauthgen-revoke", "fails", command)
		assert.Equal(t, 1, c.code)
		c = runDelegate(t, t.Context(), "boltauthgen-revoke", "completes", "__complete", command, "--")
		assert.Equal(t, "new\tMake [__complete "+command+" --]\nlist\n:6\n", c.stdout)

		c = &call{find: func(string) (string, error) { return "", exec.ErrNotFound }}
		c.run(t.Context(), command, "--store", "postgres://u:hidden@127.0.0.1/x")
		assert.Equal(t, 2, c.code)
		assert.Contains(t, c.stderr, "boltauthgen-revoke is not installed")
		assert.NotContains(t, c.stderr, "hidden")
	}
}

func TestKeyInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	c := runKey(t, ctx, "hangs", "key", "list")
	assert.Equal(t, 2, c.code)
	assert.Equal(t, "boltauthgen: interrupted\n", c.stderr)
	assert.Less(t, time.Since(start), 30*time.Second)
}

func TestKeyProgramIsNotThere(t *testing.T) {
	c := call{find: func(string) (string, error) { return "", exec.ErrNotFound }}
	for _, args := range [][]string{{"key"}, {"key", "new"}, {"key", "--help"}, {"help", "key"}} {
		c.run(t.Context(), args...)
		assert.Equal(t, 2, c.code)
		assert.Equal(t, "boltauthgen: boltauthgen-key is not installed: no such program beside this one or in PATH\n"+
			"    install it in a checkout of github.com/boltauthgen/boltauthgen with: go -C cmd/boltauthgen-key install .\n"+
			"    it is a program of its own because it brings drivers of databases, which nobody else should have to compile\n", c.stderr)
	}
	c.run(t.Context(), "__complete", "key", "")
	assert.Equal(t, ":4\n", c.stdout)

	c = call{find: func(string) (string, error) { return filepath.Join(t.TempDir(), "gone"), nil }}
	c.run(t.Context(), "key", "new")
	assert.Equal(t, 2, c.code)
	assert.Contains(t, c.stderr, "boltauthgen: run ")
}

func TestKeyCompletion(t *testing.T) {
	c := runKey(t, t.Context(), "completes", "__complete", "key", "revoke", "--db", "sqlite:x", "")
	assert.Equal(t, "new\tMake [__complete revoke --db sqlite:x ]\nlist\n:6\n", c.stdout)
	for _, act := range []string{"babbles", "fails"} {
		c = runKey(t, t.Context(), act, "__complete", "key", "")
		assert.Equal(t, ":4\n", c.stdout, act)
	}
}

func TestFindProgram(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "boltauthgen-test-program")
	t.Setenv("PATH", folder)
	_, err := findProgram("boltauthgen-test-program")
	require.ErrorIs(t, err, exec.ErrNotFound)
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	path, err := findProgram("boltauthgen-test-program")
	require.NoError(t, err)
	assert.Equal(t, program, path)

	t.Chdir(folder)
	t.Setenv("PATH", ".")
	_, err = findProgram("boltauthgen-test-program")
	require.Error(t, err, "never a program that happens to be in the working directory")
	require.True(t, errors.Is(err, exec.ErrDot) || errors.Is(err, exec.ErrNotFound), err)

	own, err := os.Executable()
	require.NoError(t, err)
	path, err = findProgram(filepath.Base(own))
	require.NoError(t, err)
	assert.Equal(t, own, path, "beside this one")
}
