package load_test

import (
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/internal/bigmodule"
)

func TestWorkspaceOfTwoModules(t *testing.T) {
	dir := module(t, `
-- go.work --
go 1.26

use (
	./one
	./two
)
-- one/go.mod --
module example.com/one

go 1.25
-- one/one.go --
package one

import "example.com/two"

func Handler(t *two.T, g *two.GuardedT) error { return nil }
-- two/go.mod --
module example.com/two

go 1.26
-- two/two.go --
package two

type T struct{}

func (t *T) Show() { undefined() }
-- two/auth_gen.go --
HEADER
garbage
`)
	t.Run("one of them", func(t *testing.T) {
		one := named(t, read(t, load.Config{Dir: filepath.Join(dir, "one")}), "example.com/one")
		assert.Empty(t, problems(one))
		assert.Equal(t, []string{"one.go:5:31: undefined: two.GuardedT"}, typeErrors(one))
		assert.Equal(t, "example.com/one", one.Module)
		assert.Equal(t, "go1.25", one.GoVersion)

		two := one.Imports["example.com/two"]
		require.NotNil(t, two, "is one of ours, too")
		sound(t, two)
		assert.Equal(t, "example.com/two", two.Module)
		assert.Equal(t, "go1.26", two.GoVersion)
		assert.NotNil(t, two.Generated)
		assert.Equal(t, "func(t *example.com/two.T, g invalid type) error", signature(t, one, "Handler"))
	})
	t.Run("both", func(t *testing.T) {
		prog := read(t, load.Config{Dir: dir}, "./one/...", "./two/...")
		assert.Equal(t, []string{"example.com/one", "example.com/two"}, paths(prog))
	})
}

func TestVendoring(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/app

go 1.26

require example.com/lib v1.2.3
-- vendor/modules.txt --
# example.com/lib v1.2.3
## explicit; go 1.26
example.com/lib
-- vendor/example.com/lib/lib.go --
package lib

import "time"

type T struct{ time.Time }
-- app.go --
package app

import "example.com/lib"

func Handler(t lib.T) error { return missing() }
`)
	for _, flags := range [][]string{nil, {"-mod=vendor"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			app := named(t, read(t, load.Config{Dir: dir, Flags: flags}, "./..."), "example.com/app")
			sound(t, app)
			assert.Equal(t, "func(t example.com/lib.T) error", signature(t, app, "Handler"))
			assert.Empty(t, app.Imports, "what is vendored is not ours")
		})
	}
	t.Run("inconsistent", func(t *testing.T) {
		put(t, dir, "vendor/modules.txt", "# example.com/lib v1.0.0\n## explicit\nexample.com/lib\n")
		_, err := load.Load(t.Context(), load.Config{Dir: dir, Env: environment()}, "./...")
		assert.ErrorContains(t, err, "inconsistent vendoring")
	})
}

func TestReplacedModules(t *testing.T) {
	dir := module(t, `
-- app/go.mod --
module example.com/app

go 1.26

require example.com/lib v1.2.3

replace example.com/lib => ../lib
-- app/app.go --
package app

import "example.com/lib/deep"

func Handler(t deep.T) error { return nil }
-- lib/go.mod --
module example.com/lib

go 1.24
-- lib/deep/deep.go --
package deep

type T struct{ Guarded *GuardedServer }

func f() { does not parse as a statement }
-- lib/deep/auth_gen.go --
HEADER

package gone
`)
	app := named(t, read(t, load.Config{Dir: filepath.Join(dir, "app")}), "example.com/app")
	sound(t, app)
	deep := app.Imports["example.com/lib/deep"]
	require.NotNil(t, deep, "a module that a directory replaces is being worked on")
	assert.Equal(t, "example.com/lib", deep.Module)
	assert.Equal(t, "go1.24", deep.GoVersion)
	assert.Equal(t, []string{"deep.go:3:25: undefined: GuardedServer"}, typeErrors(deep))
	assert.NotEmpty(t, deep.Problems)
}

// outside is a module whose package example.com/outside/uses imports a package of the module that uses it.
func outside(t *testing.T) (dir string, p proxy) {
	t.Helper()
	p = newProxy(t)
	p.add(t, "example.com/outside", `
-- go.mod --
module example.com/outside

go 1.26

require example.com/app v0.1.0
-- plain/plain.go --
package plain

import "errors"

var Err = errors.New("plain")
-- uses/uses.go --
package uses

import (
	"example.com/app/base"
	"example.com/outside/plain"
)

func Make() *base.T { _ = plain.Err; return base.New() }
`)
	return module(t, `
-- go.mod --
module example.com/app

go 1.26

require example.com/outside v1.0.0
-- base/base.go --
package base

type T struct{ API *GuardedServer }

func New() *T { return &T{NewGuardedServer()} }
-- api/api.go --
package api

import (
	"example.com/app/base"
	"example.com/outside/plain"
	"example.com/outside/uses"
)

var (
	Same *base.T = uses.Make()
	Err          = plain.Err
)
`), p
}

func TestOutsidePackageThatImportsOurs(t *testing.T) {
	dir, proxy := outside(t)
	prog := read(t, load.Config{Dir: dir, Env: proxy.env()}, "./api")
	api := named(t, prog, "example.com/app/api")
	sound(t, api) // so the T of base is the same, whichever way it comes
	uses := api.Imports["example.com/outside/uses"]
	require.NotNil(t, uses, "cannot come from export data without compiling ours")
	sound(t, uses)
	assert.Same(t, api.Imports["example.com/app/base"], uses.Imports["example.com/app/base"])
	assert.NotContains(t, api.Imports, "example.com/outside/plain")

	result := uses.Types.Scope().Lookup("Make").Type().(*types.Signature).Results().At(0).Type()
	assert.True(t, types.Identical(api.Types.Scope().Lookup("Same").Type(), result))
}

// A dependency of somebody else's that does not compile on this machine is read from source.
func TestOutsidePackageThatDoesNotCompile(t *testing.T) {
	proxy := newProxy(t)
	proxy.add(t, "example.com/outside", `
-- go.mod --
module example.com/outside

go 1.26
-- broken/broken.go --
package broken

import "example.com/outside/inner"

type T struct{ inner.T }

func f() int { return undefined }
-- inner/inner.go --
package inner

import "net/url"

type T struct{ *url.URL }
-- inner/auth_gen.go --
HEADER

package inner

var _ = broken
`)
	dir := module(t, `
-- go.mod --
module example.com/app

go 1.26

require example.com/outside v1.0.0
-- app.go --
package app

import "example.com/outside/broken"

func Handler(t broken.T) {}

var host = broken.T{}.Host
`)
	app := named(t, read(t, load.Config{Dir: dir, Env: proxy.env()}), "example.com/app")
	sound(t, app)
	assert.Equal(t, "string", signature(t, app, "host"))
	require.Contains(t, app.Imports, "example.com/outside/broken")
	assert.Contains(t, app.Imports["example.com/outside/broken"].Imports, "example.com/outside/inner")
}

func TestBuildTags(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/tags

go 1.26
-- always.go --
package tags
-- extra.go --
//go:build extra

package tags

//auth:guard Never()
func Extra() {}
-- not_extra.go --
//go:build !extra

package tags

//auth:guard Never()
func NotExtra() {}
-- old.go --
// +build extra

package tags // auth
-- x_`+runtime.GOOS+`.go --
package tags
-- x_plan9.go --
package tags // auth
-- x_`+runtime.GOARCH+`_test.go --
package tags // auth
-- mentions.go --
package tags

//go:build extra
`)
	constrained := func(files []*load.File) map[string]bool {
		all := map[string]bool{}
		for _, f := range files {
			all[filepath.Base(f.Path)] = f.Constrained
		}
		return all
	}
	without := named(t, read(t, load.Config{Dir: dir}), "example.com/tags")
	sound(t, without)
	assert.Equal(t, map[string]bool{"always.go": false, "not_extra.go": true, "x_" + runtime.GOOS + ".go": true, "mentions.go": false},
		constrained(without.Files))
	assert.Equal(t, map[string]bool{"extra.go": true, "old.go": true, "x_plan9.go": true, "x_" + runtime.GOARCH + "_test.go": true},
		constrained(without.Other))
	assert.Nil(t, without.Types.Scope().Lookup("Extra"))

	with := named(t, read(t, load.Config{Dir: dir, Flags: []string{"-tags=extra"}}), "example.com/tags")
	sound(t, with)
	assert.Contains(t, names(with.Files), "extra.go")
	assert.Equal(t, []string{"not_extra.go", "x_" + runtime.GOARCH + "_test.go", "x_plan9.go"}, names(with.Other))
	assert.NotNil(t, with.Types.Scope().Lookup("Extra"))

	assert.Contains(t, names(named(t, read(t, load.Config{Dir: dir, Env: environment("GOFLAGS=-tags=extra")}), "example.com/tags").Files), "extra.go")
	plan9 := named(t, read(t, load.Config{Dir: dir, Env: environment("GOOS=plan9", "GOARCH=386")}), "example.com/tags")
	assert.Contains(t, names(plan9.Files), "x_plan9.go")
}

func TestSizesAreThoseOfThePlatform(t *testing.T) {
	dir := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- m.go --\npackage m\n\nconst Big int = 1 << 40\n")
	sound(t, named(t, read(t, load.Config{Dir: dir, Env: environment("GOARCH=amd64", "GOOS=linux")}), "example.com/m"))
	prog := read(t, load.Config{Dir: dir, Env: environment("GOARCH=386", "GOOS=linux")})
	assert.Len(t, named(t, prog, "example.com/m").TypeErrors, 1)
	assert.Equal(t, int64(4), prog.Sizes.Sizeof(types.Typ[types.Int]))
}

func TestCgo(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/c

go 1.26
-- native.go --
package c

// typedef struct { int n; } thing;
// int answer(void);
import "C"

import "net/http"

type Server struct{ thing C.thing }

//auth:guard Never()
func (s *Server) Native(w http.ResponseWriter, n C.int) { C.nonsense() }
-- pure.go --
package c

func Pure(s *Server) {}
`)
	t.Run("with cgo", func(t *testing.T) {
		// A C compiler that fails shows that none is called.
		prog := read(t, load.Config{Dir: dir, Env: environment("CGO_ENABLED=1", "CC=/bin/false")})
		c := named(t, prog, "example.com/c")
		sound(t, c)
		assert.Equal(t, []string{"native.go", "pure.go"}, names(c.Files))
		assert.Contains(t, signature(t, c, "Server.Native"), "w net/http.ResponseWriter")
	})
	t.Run("without cgo", func(t *testing.T) {
		c := named(t, read(t, load.Config{Dir: dir, Env: environment("CGO_ENABLED=0")}), "example.com/c")
		assert.Empty(t, problems(c))
		assert.Equal(t, []string{"pure.go:3:14: undefined: Server"}, typeErrors(c))
		assert.Equal(t, []string{"native.go"}, names(c.Other))
		assert.Contains(t, comments(c.Other[0]), "//auth:guard Never()")
	})
}

func TestManyPackages(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, bigmodule.Write(dir, bigmodule.Config{Packages: 30, Handlers: 20}))
	prog := read(t, load.Config{Dir: dir}, "./...")
	assert.Len(t, prog.Packages, 31)
	for _, pkg := range prog.Packages {
		sound(t, pkg)
	}
	last := named(t, prog, bigmodule.Path+"/p029")
	assert.Same(t, named(t, prog, bigmodule.Path+"/p019"), last.Imports[bigmodule.Path+"/p019"])
	assert.Len(t, last.Files, 3)

	single := read(t, load.Config{Dir: filepath.Join(dir, "p029")})
	assert.Equal(t, []string{bigmodule.Path + "/p029"}, paths(single))
	sound(t, single.Packages[0])
}

// compiled runs something with an environment in which the go command notes what it compiles, and returns the paths of
// the packages.
func compiled(t *testing.T, env []string, run func(env []string)) []string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	log := filepath.Join(t.TempDir(), "log")
	script := filepath.Join(t.TempDir(), "toolexec.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"+
		`case "$1:$2" in */compile:-V=full|*/cgo:-V=full) ;; */compile:*|*/cgo:*) echo "$TOOLEXEC_IMPORTPATH" >> "`+log+`";; esac`+
		"\nexec \"$@\"\n"), 0o755))
	flags := ""
	for _, setting := range env {
		if value, ok := strings.CutPrefix(setting, "GOFLAGS="); ok {
			flags = value
		}
	}
	run(append(env, "GOFLAGS="+flags+" -toolexec="+script))
	lines, err := os.ReadFile(log)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Fields(string(lines))
}

// None of the modules below was ever compiled before, so that nothing can come from the build cache.
func TestNothingOfOursIsCompiled(t *testing.T) {
	bad := "\n\nfunc f() { this(does, not, compile) }\n"
	app, proxy := outside(t)
	tests := []struct {
		name, dir string
		env       []string
		ours      string
	}{
		{"module", module(t, users), environment(), "example.com/users"},
		{"damaged generated file", module(t, users+"-- api/auth_gen.go --\nHEADER\n\x00"), environment(), "example.com/users"},
		{"broken body", module(t, users+"-- base/bad.go --\npackage base"+bad), environment(), "example.com/users"},
		{"cgo", module(t, users+"-- base/c.go --\npackage base\n\nimport \"C\"\n"), environment("CGO_ENABLED=1"), "example.com/users"},
		{"outside package that imports ours", app, proxy.env(), "example.com/app"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := compiled(t, test.env, func(env []string) {
				read(t, load.Config{Dir: test.dir, Env: env}, "./...")
			})
			for _, path := range found {
				assert.NotContains(t, path, test.ours)
				assert.NotEqual(t, "example.com/outside/uses", path)
				assert.NotEqual(t, "example.com/elsewhere", path, "is replaced by a folder")
			}
		})
	}
	t.Run("the log would show it", func(t *testing.T) {
		dir := module(t, users)
		found := compiled(t, environment(), func(env []string) {
			cmd := exec.Command("go", "list", "-export", "./base")
			cmd.Dir, cmd.Env = dir, env
			output, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
		assert.Contains(t, found, "example.com/users/base")
	})
}
