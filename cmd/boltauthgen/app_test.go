package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen"
	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// A call is one command line against a generator that answers as the test says.
type call struct {
	dir            string
	env            map[string]string
	terminal       bool
	result         *gen.Result
	err            error
	find           func(program string) (string, error)
	lasts          time.Duration
	code           int
	stdout, stderr string
	job            string // which job ran: generate, check, or "" for none
	config         gen.Config
}

func (c *call) run(ctx context.Context, args ...string) {
	var stdout, stderr bytes.Buffer
	answer := func(name string) job {
		return func(_ context.Context, cfg gen.Config) (*gen.Result, error) {
			c.job, c.config = name, cfg
			time.Sleep(c.lasts)
			if c.result == nil && c.err == nil {
				return &gen.Result{}, nil
			}
			return c.result, c.err
		}
	}
	if c.dir == "" {
		c.dir = "/src/app"
	}
	a := &app{
		stdout: &stdout, stderr: &stderr, terminal: c.terminal, dir: c.dir, version: "v1.2.3",
		getenv:   func(name string) string { return c.env[name] },
		find:     c.find,
		generate: answer("generate"), check: answer("check"),
	}
	c.code = a.run(ctx, args)
	c.stdout, c.stderr = stdout.String(), stderr.String()
}

// The results that a generator may have.
var (
	fine = &gen.Result{Outputs: []gen.Output{
		{Package: "example.com/app/blog", File: "/src/app/blog/auth_gen.go", Status: gen.Written},
		{Package: "example.com/app/old", File: "/src/app/old/auth_gen.go", Status: gen.Removed},
		{Package: "example.com/app/shop", File: "/src/app/shop/auth_gen.go", Status: gen.Unchanged},
	}}
	stale = &gen.Result{Outputs: []gen.Output{
		{File: "/src/app/blog/auth_gen.go", Status: gen.Stale, Old: []byte("a\n\told\x1b\nc\n"), New: []byte("a\n\tnew\nc\n")},
		{File: "/src/app/new/auth_gen.go", Status: gen.Stale, New: []byte("a\n")},
		{File: "/src/app/old/auth_gen.go", Status: gen.Stale, Old: []byte("a\n")},
		{File: "/src/app/shop/auth_gen.go", Status: gen.Unchanged},
	}}
	broken = &gen.Result{
		Diagnostics: []diag.Diagnostic{{
			Pos:  token.Position{Filename: "/src/app/blog/blog.go", Line: 3, Column: 3},
			Rule: "unknown-directive", Message: "unknown directive //auth:gaurd", Hint: "did you mean //auth:guard?",
		}},
		Source: func(string) []byte { return []byte("package blog\n\n//auth:gaurd x\n") },
	}
)

const brokenText = `blog/blog.go:3:3: unknown directive //auth:gaurd
    //auth:gaurd x
      ^~~~
    hint: did you mean //auth:guard?
boltauthgen: 1 problem in 1 file
`

const staleText = `blog/auth_gen.go:2: the generated file is out of date
    hint: run go generate ./blog, or boltauthgen ./blog
    @@ line 2 @@
    -	old\x1b
    +	new
new/auth_gen.go: the generated file is missing
    hint: run go generate ./new, or boltauthgen ./new
old/auth_gen.go: the generated file is left over: the package has no directives any more
    hint: run boltauthgen ./old
boltauthgen: 3 problems in 3 files
`

// errNoGo is what loading says where nothing can be loaded.
var errNoGo = errors.New("load packages: no Go files in /src/app")

var versionLine = "boltauthgen v1.2.3 " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		args   string
		result *gen.Result
		err    error
		code   int
		job    string
		stdout string
		stderr string
	}{
		{args: "", result: fine, job: "generate"},
		{args: "./...", result: fine, job: "generate"},
		{args: "-v ./...", result: fine, job: "generate", stderr: "wrote blog/auth_gen.go\nremoved old/auth_gen.go\nunchanged shop/auth_gen.go\n"},
		{args: "--verbose", job: "generate", stderr: "no package has directives\n"},
		{args: "", result: broken, code: 1, job: "generate", stderr: brokenText},
		{args: "", err: errNoGo, code: 2, job: "generate", stderr: "boltauthgen: load packages: no Go files in /src/app\n"},
		{args: "check", result: &gen.Result{Outputs: stale.Outputs[3:]}, job: "check"},
		{args: "check -v", result: &gen.Result{Outputs: stale.Outputs[3:]}, job: "check", stderr: "unchanged shop/auth_gen.go\n"},
		{args: "-v check", result: &gen.Result{Outputs: stale.Outputs[3:]}, job: "check", stderr: "unchanged shop/auth_gen.go\n"},
		{args: "check ./...", result: stale, code: 1, job: "check", stderr: staleText},
		{args: "check", result: broken, code: 1, job: "check", stderr: brokenText},
		{args: "check", err: errNoGo, code: 2, job: "check", stderr: "boltauthgen: load packages: no Go files in /src/app\n"},
		{args: "version", stdout: versionLine},
		{args: "--version", stdout: versionLine},
		{args: "version now", code: 2, stderr: "boltauthgen: unknown command \"now\" for \"boltauthgen version\"\n"},
		{args: "help nothing", code: 2, stderr: "boltauthgen: there is no command nothing\n"},
		{args: "help check that", code: 2, stderr: "boltauthgen: there is no command check that\n"},
		{args: "completion tcsh", code: 2, stderr: "boltauthgen: invalid argument \"tcsh\" for \"boltauthgen completion\"\n"},
		{args: "completion", code: 2, stderr: "boltauthgen: accepts 1 arg(s), received 0\n"},
		{args: "--tgas=x", code: 2, stderr: "boltauthgen: unknown flag: --tgas (did you mean --tags?)\n"},
		{args: "check -tgas", code: 2, stderr: "boltauthgen: unknown shorthand flag: 't' in -tgas (did you mean --tags?)\n"},
		{args: "--nothing-like-it", code: 2, stderr: "boltauthgen: unknown flag: --nothing-like-it\n"},
		{args: "--tags", code: 2, stderr: "boltauthgen: flag needs an argument: --tags\n"},
		{args: "-C /does/not/exist", code: 2, stderr: "boltauthgen: -C /does/not/exist: there is no such folder\n"},
		{args: "chekc", err: errors.New("load packages: package chekc is not in std"), code: 2, job: "generate",
			stderr: "boltauthgen: load packages: package chekc is not in std\n    there is no command chekc (did you mean check?)\n"},
		{args: "x", err: errors.New("go list:\n\t\x1b[2Jno\r\n"), code: 2, job: "generate", stderr: "boltauthgen: go list:\n    \\x1b[2Jno\n"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			c := call{result: tt.result, err: tt.err}
			c.run(t.Context(), strings.Fields(tt.args)...)
			assert.Equal(t, tt.code, c.code)
			assert.Equal(t, tt.job, c.job)
			assert.Equal(t, tt.stdout, c.stdout)
			assert.Equal(t, tt.stderr, c.stderr)
		})
	}
}

func TestConfig(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "shop"), 0o755))
	shop := filepath.Join(root, "shop")
	for _, tt := range []struct {
		args string
		want gen.Config
	}{
		{"", gen.Config{Dir: root, Patterns: []string{"."}}},
		{"./a ./b/...", gen.Config{Dir: root, Patterns: []string{"./a", "./b/..."}}},
		{"-C shop", gen.Config{Dir: shop, Patterns: []string{"."}}},
		{"-C=shop ./...", gen.Config{Dir: shop, Patterns: []string{"./..."}}},
		{"--chdir " + shop, gen.Config{Dir: shop, Patterns: []string{"."}}},
		{"-chdir shop", gen.Config{Dir: shop, Patterns: []string{"."}}},
		{"--tags a,b", gen.Config{Dir: root, Patterns: []string{"."}, Flags: []string{"-tags=a,b"}}},
		{"-tags=a ./x", gen.Config{Dir: root, Patterns: []string{"./x"}, Flags: []string{"-tags=a"}}},
		{"-tags a ./x", gen.Config{Dir: root, Patterns: []string{"./x"}, Flags: []string{"-tags=a"}}},
		{"-- -tags", gen.Config{Dir: root, Patterns: []string{"-tags"}}},
	} {
		for _, command := range []string{"", "check"} {
			t.Run(command+" "+tt.args, func(t *testing.T) {
				c := call{dir: root}
				c.run(t.Context(), append(strings.Fields(command), strings.Fields(tt.args)...)...)
				require.Equal(t, 0, c.code, c.stderr)
				assert.Equal(t, tt.want, c.config)
			})
		}
	}
}

func TestFolderTakenForImportPath(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "shop"), 0o755))
	c := call{dir: root, err: errors.New("no packages match")}
	c.run(t.Context(), "check", "./shop", "shop/...", "sop")
	assert.Equal(t, 2, c.code)
	assert.Equal(t, "boltauthgen: no packages match\n    shop is a folder (did you mean ./shop/...?)\n", c.stderr)
}

func TestRemedy(t *testing.T) {
	for _, tt := range []struct {
		file, dir string
		options   options
		want      string
	}{
		{"/src/app/auth_gen.go", "/src/app", options{}, "go generate ., or boltauthgen ."},
		{"/src/app/blog/auth_gen.go", "/src/app", options{verbose: true}, "go generate ./blog, or boltauthgen ./blog"},
		{"/src/app/blog/auth_gen.go", "/src/app", options{dir: "../app"}, "boltauthgen -C ../app ./blog"},
		{"/src/app/a b/auth_gen.go", "/src/app", options{dir: "it's", tags: "x,y"}, `boltauthgen -C 'it'\''s' --tags=x,y './a b'`},
		{"/src/lib/auth_gen.go", "/src/app", options{}, "go generate ../lib, or boltauthgen ../lib"},
	} {
		assert.Equal(t, tt.want, remedy(gen.Output{File: tt.file, New: []byte{}}, tt.options, tt.dir))
	}
}

func TestJSON(t *testing.T) {
	both := &gen.Result{Outputs: stale.Outputs, Diagnostics: broken.Diagnostics, Source: broken.Source}
	c := call{result: both}
	c.run(t.Context(), "check", "-v", "--json", "./...")
	assert.Equal(t, 1, c.code)
	assert.Equal(t, "stale blog/auth_gen.go\nstale new/auth_gen.go\nstale old/auth_gen.go\nunchanged shop/auth_gen.go\n", c.stderr)

	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Version string
					Rules   []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(c.stdout), &log))
	require.Len(t, log.Runs, 1)
	assert.Equal(t, "2.1.0", log.Version)
	rules := log.Runs[0].Tool.Driver.Rules
	assert.Equal(t, "v1.2.3", log.Runs[0].Tool.Driver.Version)
	var got []string
	for _, r := range log.Runs[0].Results {
		assert.Equal(t, r.RuleID, rules[r.RuleIndex].ID)
		got = append(got, r.Locations[0].PhysicalLocation.ArtifactLocation.URI+" "+r.RuleID+" "+r.Message.Text)
	}
	assert.Equal(t, []string{
		"blog/auth_gen.go stale-output the generated file is out of date\nhint: run go generate ./blog, or boltauthgen ./blog",
		"blog/blog.go unknown-directive unknown directive //auth:gaurd\nhint: did you mean //auth:guard?",
		"new/auth_gen.go stale-output the generated file is missing\nhint: run go generate ./new, or boltauthgen ./new",
		"old/auth_gen.go stale-output the generated file is left over: the package has no directives any more\nhint: run boltauthgen ./old",
	}, got)

	c = call{}
	c.run(t.Context(), "-json")
	assert.Equal(t, 0, c.code)
	assert.Contains(t, c.stdout, `"results": []`)
	assert.Empty(t, c.stderr)

	c = call{err: errNoGo}
	c.run(t.Context(), "--json")
	assert.Equal(t, 2, c.code)
	assert.Empty(t, c.stdout)
}

func TestUnderGoGenerate(t *testing.T) {
	c := call{result: broken, env: map[string]string{"GOFILE": "blog.go", "GOLINE": "6", "GOPACKAGE": "blog"}}
	c.run(t.Context())
	assert.Equal(t, 1, c.code)
	assert.True(t, strings.HasPrefix(c.stderr, "/src/app/blog/blog.go:3:3: "), c.stderr)
}

func TestColor(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal bool
		noColor  string
		want     bool
	}{
		{"a pipe", false, "", false},
		{"a terminal", true, "", true},
		{"NO_COLOR", true, "1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := call{result: broken, terminal: tt.terminal, env: map[string]string{"NO_COLOR": tt.noColor}}
			c.run(t.Context())
			assert.Equal(t, tt.want, strings.Contains(c.stderr, "\x1b["), c.stderr)
		})
	}
}

func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal bool
		lasts    time.Duration
		want     string
	}{
		{"quick", true, 1900 * time.Millisecond, brokenText},
		{"long", true, 3500 * time.Millisecond, "\rboltauthgen: working, 2 s\rboltauthgen: working, 3 s\r\x1b[K" + brokenText},
		{"long, into a pipe", false, time.Hour, brokenText},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := call{result: broken, terminal: tt.terminal, lasts: tt.lasts, env: map[string]string{"NO_COLOR": "1"}}
				c.run(t.Context())
				assert.Equal(t, tt.want, c.stderr)
			})
		})
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := call{err: errors.New("go list: signal: interrupt")}
	c.run(ctx)
	assert.Equal(t, 2, c.code)
	assert.Equal(t, "boltauthgen: interrupted\n", c.stderr)
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"-help"}, {"help"}} {
		c := call{}
		c.run(t.Context(), args...)
		assert.Equal(t, 0, c.code)
		assert.Contains(t, c.stdout, "//go:generate go tool boltauthgen")
		assert.Contains(t, c.stdout, "go tool boltauthgen check ./...")
		assert.Contains(t, c.stdout, "Exit codes: 0 ")
		assert.Empty(t, c.stderr)
		assert.Empty(t, c.job)
	}
	c := call{}
	c.run(t.Context(), "--help")
	assert.Regexp(t, `(?m)^  key +Make, list, rotate and revoke API keys`, c.stdout)
	for _, args := range [][]string{{"check", "--help"}, {"help", "check"}} {
		c := call{}
		c.run(t.Context(), args...)
		assert.Equal(t, 0, c.code)
		assert.Contains(t, c.stdout, "boltauthgen check --json ./... > boltauthgen.sarif")
		assert.Contains(t, c.stdout, "help for check")
		assert.Empty(t, c.job)
	}
}

func TestIsTerminal(t *testing.T) {
	xterm := func(name string) string { return map[string]string{"TERM": "xterm"}[name] }
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer f.Close()
	assert.False(t, isTerminal(f, xterm), "a file")
	_, w, err := os.Pipe()
	require.NoError(t, err)
	assert.False(t, isTerminal(w, xterm), "a pipe")
	require.NoError(t, w.Close())
	assert.False(t, isTerminal(w, xterm), "a closed file")

	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	for term, want := range map[string]bool{"xterm": true, "dumb": false, "": false} {
		assert.Equal(t, want, isTerminal(device, func(name string) string { return map[string]string{"TERM": term}[name] }), term)
	}
	assert.True(t, isTerminal(device, func(name string) string { return map[string]string{"WT_SESSION": "1"}[name] }))
}
