package load_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

func TestSyntaxErrors(t *testing.T) {
	_, pkg := one(t, `
-- a.go --
package m

import "fmt

func broken() { x := }

//auth:guard behind()
func fine(w int) {}
-- b.go --
package m

var b = 1 + ;

type T struct { a, }

//auth:guard last()
-- c.go --
package m

type Sound int
`)
	for _, want := range []string{
		"a.go:3:8: syntax: string literal not terminated",
		"a.go:5:22: syntax: expected operand, found '}'",
		"b.go:3:13: syntax: expected operand, found ';'",
	} {
		assert.Contains(t, problems(pkg), want)
	}
	assert.Contains(t, comments(pkg.Files[0]), "//auth:guard behind()")
	assert.Contains(t, comments(pkg.Files[1]), "//auth:guard last()")
	assert.Equal(t, []string{"a.go", "b.go", "c.go"}, names(pkg.Files))
	assert.NotNil(t, pkg.Types.Scope().Lookup("Sound"))
}

func TestManySyntaxErrorsAreAllReported(t *testing.T) {
	text := "package m\n"
	for range 25 {
		text += "var x = )\n"
	}
	_, pkg := one(t, "-- m.go --\n"+text)
	assert.Len(t, pkg.Problems, 25)
}

func TestPackageClauses(t *testing.T) {
	tests := []struct {
		name, archive string
		want          []string
	}{
		{"no package clause", "-- a.go --\n//auth:guard x()\n-- b.go --\npackage m\n", []string{"a.go:1:18: syntax: expected 'package', found 'EOF'"}},
		{"misspelt", "-- a.go --\npakage m\n-- b.go --\npackage m\n", []string{"a.go:1:1: syntax: expected 'package', found pakage"}},
		{"empty file", "-- a.go --\n-- b.go --\npackage m\n", []string{"a.go:1:1: syntax: expected 'package', found 'EOF'"}},
		{"only file", "-- a.go --\npakage m\n", []string{"a.go:1:1: syntax: expected 'package', found pakage"}},
		{"two names", "-- a.go --\npackage m\n-- b.go --\npackage other\n", []string{"b.go:1:9: package-name: this file is of package other, others in this folder are of package m"}},
		{"NUL", "-- a.go --\npackage m\n\nvar x = 1\n-- b.go --\npackage m\n\x00\n", []string{"b.go:2:1: syntax: illegal character NUL"}},
		{"NUL in the only file", "-- b.go --\npackage m\n\x00\n", []string{"b.go:2:1: syntax: illegal character NUL"}},
		{"not UTF-8", "-- a.go --\npackage m\n\n// \xff\n", []string{"a.go:3:4: syntax: illegal UTF-8 encoding"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, pkg := one(t, test.archive)
			require.NotEmpty(t, pkg.Problems)
			assert.Equal(t, test.want, problems(pkg))
			if test.name != "two names" {
				assert.Empty(t, typeErrors(pkg), "they would say the same again")
			}
		})
	}
}

func TestImports(t *testing.T) {
	_, pkg := one(t, `
-- m.go --
package m

import (
	"fmt"

	_ "example.com/nowhere/deep"
	_ "example.com/m/gone"
	_ "example.com/m/onlytests"
	_ "example.com/m/excluded"
	_ "example.com/m/program"
	_ "nosuchstd"
	_ "./relative"
	_ "example.com/m"
	renamed "example.com/m/sound"
)

var x renamed.T

func f() { fmt.Println() }
-- again.go --
package m

import "example.com/nowhere/deep"

var y deep.T
-- onlytests/x_test.go --
package onlytests
-- excluded/x.go --
//go:build never

package excluded
-- program/main.go --
package main
-- sound/sound.go --
package sound

type T int
`)
	assert.Equal(t, []string{
		"again.go:3:8: import: no required module provides package example.com/nowhere/deep",
		"m.go:6:4: import: no required module provides package example.com/nowhere/deep",
		"m.go:7:4: import: no required module provides package example.com/m/gone",
		"m.go:8:4: import: package example.com/m/onlytests has no Go files that can be imported",
		"m.go:9:4: import: build constraints exclude all Go files in " + filepath.Join(pkg.Dir, "excluded"),
		"m.go:10:4: import: example.com/m/program is a program, not an importable package",
	}, problems(pkg)[:6])
	assert.Contains(t, problems(pkg)[6], "m.go:11:4: import: package nosuchstd is not in std")
	assert.Contains(t, problems(pkg)[7], "m.go:12:4: import: ")
	assert.Equal(t, "m.go:13:4: import: import cycle: example.com/m imports example.com/m", problems(pkg)[8])
	assert.Len(t, pkg.Problems, 9)
	assert.Equal(t, "go get example.com/nowhere/deep", pkg.Problems[0].Hint)
	assert.Equal(t, 34, pkg.Problems[0].End.Column)
	assert.Equal(t, "example.com/m/sound.T", signature(t, pkg, "x"))
}

func TestImportCycles(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/m

go 1.26
-- a/a.go --
package a

import (
	"example.com/m/b"
	"example.com/m/leaf"
)

type A struct {
	B *b.B
	L leaf.L
}
-- b/b.go --
package b

import "example.com/m/c"

type B struct{ C *c.C }
-- c/c.go --
package c

import "example.com/m/a"

type C struct{ A *a.A }
-- leaf/leaf.go --
package leaf

type L int
-- user/user.go --
package user

import "example.com/m/a"

func F(a *a.A, l int) {}
`)
	for _, pattern := range []string{"./...", "./user"} {
		prog := read(t, load.Config{Dir: dir}, pattern)
		user := named(t, prog, "example.com/m/user")
		sound(t, user)
		a := user.Imports["example.com/m/a"]
		require.NotNil(t, a)
		assert.Equal(t, []string{"a.go:4:2: import: import cycle: example.com/m/a imports example.com/m/b imports example.com/m/c imports example.com/m/a"}, problems(a))
		assert.Contains(t, a.Imports, "example.com/m/leaf")
		assert.NotContains(t, a.Imports, "example.com/m/b")
	}
	prog := read(t, load.Config{Dir: dir}, "./...")
	assert.Equal(t, []string{"b.go:3:8: import: import cycle: example.com/m/b imports example.com/m/c imports example.com/m/a imports example.com/m/b"},
		problems(named(t, prog, "example.com/m/b")))
	assert.Equal(t, []string{"c.go:3:8: import: import cycle: example.com/m/c imports example.com/m/a imports example.com/m/b imports example.com/m/c"},
		problems(named(t, prog, "example.com/m/c")))
}

// What is wrong with a dependency of ours stays there.
func TestBrokenDependency(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/m

go 1.26
-- m.go --
package m

import "example.com/m/dep"

func Handler(t dep.Sound) dep.Damaged { return nil }
-- dep/dep.go --
package dep

import "example.com/nowhere"

type Sound struct{ F int; G nowhere.T }

func f() { if ) }
-- dep/noclause.go --
-- dep/dep_test.go --
package dep //auth:guard
`)
	pkg := named(t, read(t, load.Config{Dir: dir}), "example.com/m")
	assert.Empty(t, problems(pkg))
	assert.Equal(t, []string{"m.go:5:31: undefined: dep.Damaged"}, typeErrors(pkg))
	dep := pkg.Imports["example.com/m/dep"]
	require.NotNil(t, dep)
	assert.Contains(t, problems(dep), "dep.go:3:8: import: no required module provides package example.com/nowhere")
	assert.Nil(t, dep.Other, "was not named")
}

func TestUnreadableFiles(t *testing.T) {
	dir := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- m.go --\npackage m\n")
	for _, name := range []string{"dangling.go", "dangling_test.go", "auth_gen.go"} {
		if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "folder.go")))
	pkg := named(t, read(t, load.Config{Dir: dir}), "example.com/m")
	assert.ElementsMatch(t, []string{
		"auth_gen.go: unreadable-file: no such file or directory",
		"dangling.go: unreadable-file: no such file or directory",
		"dangling_test.go: unreadable-file: no such file or directory",
	}, problems(pkg))
}

func TestFoldersWithoutCompiledFiles(t *testing.T) {
	dir := module(t, `
-- go.mod --
module example.com/m

go 1.26
-- tests/x_test.go --
package tests

//auth:guard x()
-- excluded/x.go --
//go:build never

package excluded

//auth:guard x()
`)
	for pattern, path := range map[string]string{"./tests": "example.com/m/tests", "./...": "example.com/m/tests", "./excluded": "example.com/m/excluded"} {
		pkg := named(t, read(t, load.Config{Dir: dir}, pattern), path)
		sound(t, pkg)
		assert.Empty(t, pkg.Files)
		require.Len(t, pkg.Other, 1)
		assert.Contains(t, comments(pkg.Other[0]), "//auth:guard x()")
	}
}

func TestNothingCanBeLoaded(t *testing.T) {
	dir := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- m.go --\npackage m\n-- empty/notgo.txt --\n")
	broken := module(t, "-- go.mod --\nmodul example.com/m\n-- m.go --\npackage m\n")
	newer := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.999\n-- m.go --\npackage m\n")
	alone := module(t, "-- m.go --\npackage m\n")
	tests := []struct {
		name     string
		cfg      load.Config
		patterns []string
		want     string
	}{
		{"no such folder", load.Config{Dir: dir}, []string{"./gone"}, "directory not found"},
		{"one of several patterns", load.Config{Dir: dir}, []string{".", "./gone"}, "directory not found"},
		{"wildcard without packages", load.Config{Dir: dir}, []string{"./empty/..."}, "no packages match ./empty/..."},
		{"wildcard in no folder", load.Config{Dir: dir}, []string{"./gone/..."}, "no such file or directory"},
		{"folder without Go files", load.Config{Dir: dir}, []string{"./empty"}, "no Go files in"},
		{"no such package", load.Config{Dir: dir}, []string{"example.com/nowhere"}, "no required module provides package example.com/nowhere"},
		{"outside of the module", load.Config{Dir: dir}, []string{".."}, "no Go files in"},
		{"no module", load.Config{Dir: alone}, []string{"./..."}, "go.mod"},
		{"no module, this folder", load.Config{Dir: alone}, nil, "go.mod"},
		{"broken go.mod", load.Config{Dir: broken}, nil, "unknown directive: modul"},
		{"newer Go", load.Config{Dir: newer}, nil, "requires go >= 1.999"},
		{"no such working directory", load.Config{Dir: filepath.Join(dir, "gone")}, nil, "no such file or directory"},
		{"file", load.Config{Dir: dir}, []string{"m.go"}, "name packages, not files"},
		{"file query", load.Config{Dir: dir}, []string{"file=m.go"}, "name packages, not files"},
		{"unknown flag", load.Config{Dir: dir, Flags: []string{"-nosuchflag"}}, nil, "nosuchflag"},
		{"overlay", load.Config{Dir: dir, Flags: []string{"-overlay=x.json"}}, nil, "-overlay"},
		{"overlay", load.Config{Dir: dir, Flags: []string{"--overlay", "x.json"}}, nil, "-overlay"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.Env = environment()
			prog, err := load.Load(context.Background(), test.cfg, test.patterns...)
			require.Error(t, err)
			assert.Nil(t, prog)
			assert.ErrorContains(t, err, test.want)
			assert.Regexp(t, "^load packages: ", err.Error())
			assert.NotContains(t, err.Error(), "exit status")
		})
	}
}

func TestNoGoCommand(t *testing.T) {
	dir := module(t, users)
	t.Setenv("PATH", t.TempDir())
	_, err := load.Load(context.Background(), load.Config{Dir: dir}, "./...")
	assert.ErrorContains(t, err, "executable file not found")
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := load.Load(ctx, load.Config{Dir: module(t, users), Env: environment()}, "./...")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestFolderNamedLikeAFile(t *testing.T) {
	dir := module(t, "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- nats.go/nats.go --\npackage nats\n")
	assert.Equal(t, []string{"example.com/m/nats.go"}, paths(read(t, load.Config{Dir: dir}, "./nats.go")))
}

func TestRelativeWorkingDirectory(t *testing.T) {
	dir := module(t, users)
	t.Chdir(filepath.Dir(dir))
	prog := read(t, load.Config{Dir: filepath.Base(dir)}, "./api")
	assert.Equal(t, filepath.Join(dir, "api"), prog.Packages[0].Dir)
	t.Chdir(filepath.Join(dir, "api"))
	assert.Equal(t, []string{"example.com/users/api"}, paths(read(t, load.Config{})))
}
