package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

// users is a module whose main package and another one use what is generated in api.
const users = `
-- go.mod --
module example.com/users

go 1.26

require example.com/elsewhere v1.0.0

replace example.com/elsewhere => ./elsewhere
-- elsewhere/go.mod --
module example.com/elsewhere

go 1.26
-- elsewhere/elsewhere.go --
package elsewhere

import "time"

type T struct{ Created time.Time }
-- base/base.go --
package base

import "sync"

type T struct{ Lock sync.Mutex }
-- api/server.go --
package api

import (
	"net/http"

	"example.com/elsewhere"
	"example.com/users/base"
)

type Server struct {
	Base      base.T
	Elsewhere elsewhere.T
}

func (s *Server) Show(w http.ResponseWriter, r *http.Request) {}
-- other/other.go --
package other

import "example.com/users/api"

type Mount struct{ API *api.GuardedServer }

func New(s *api.Server) (*Mount, error) {
	g, err := api.NewGuardedServer(s)
	return &Mount{g}, err
}
-- main.go --
package main

import (
	"net/http"

	"example.com/users/api"
	"example.com/users/other"
)

var mount *other.Mount

func main() {
	g, err := api.NewGuardedServer(&api.Server{})
	if err != nil {
		panic(err)
	}
	http.ListenAndServe("127.0.0.1:0", g)
}
`

func TestGeneratedFileIsNeverInTheWay(t *testing.T) {
	tests := []struct {
		name, generated string // "" is no file
	}{
		{"missing", ""},
		{"current", "HEADER\n\npackage api\n\ntype GuardedServer struct{}\n\nfunc NewGuardedServer(s *Server) (*GuardedServer, error) { return nil, nil }\n"},
		{"of an older signature", "HEADER\n\npackage api\n\ntype GuardedServer struct{ gone Vanished }\n"},
		{"takes names of the package", "HEADER\n\npackage api\n\ntype Server struct{}\n"},
		{"header only", "HEADER\n"},
		{"header without end of line", "HEADER"},
		{"garbage", "HEADER\n<<<<<<< HEAD\n$$$ \"unterminated\n{{{\n"},
		{"binary", "HEADER\n\x00\xff\xfe\x01package"},
		{"truncated in the middle", "HEADER\n\npackage api\n\nfunc NewGuardedServer(s *Serv"},
		{"of another package", "HEADER\n\npackage previousname\n"},
		{"of package main", "HEADER\n\npackage main\n\nfunc main() {}\n"},
		{"imports what is gone", "HEADER\n\npackage api\n\nimport _ \"example.com/users/gone\"\nimport _ \"example.com/nowhere\"\nimport _ \"nosuchstd\"\n"},
		{"imports in a cycle", "HEADER\n\npackage api\n\nimport _ \"example.com/users/other\"\n"},
		{"imports a program", "HEADER\n\npackage api\n\nimport _ \"example.com/users\"\n"},
		{"imports itself", "HEADER\n\npackage api\n\nimport _ \"example.com/users/api\"\n"},
		{"imports what does not parse", "HEADER\n\npackage api\n\nimport _ \"not a path\"\n"},
		{"uses cgo", "HEADER\n\npackage api\n\nimport \"C\"\n"},
		{"under a build constraint", "HEADER\n\n//go:build never\n\npackage api\n"},
		{"embeds what is gone", "HEADER\n\npackage api\n\nimport _ \"embed\"\n\n//go:embed gone.txt\nvar s string\n"},
		{"has other line ends", "HEADER\r\n\r\npackage api\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			archive := users
			if test.generated != "" {
				archive += "-- api/auth_gen.go --\n" + test.generated
			}
			dir := module(t, archive)
			prog := read(t, load.Config{Dir: dir}, "./...")
			assert.Equal(t, []string{"example.com/users", "example.com/users/api", "example.com/users/base", "example.com/users/other"}, paths(prog))

			api := named(t, prog, "example.com/users/api")
			sound(t, api)
			assert.Equal(t, []string{"server.go"}, names(api.Files))
			assert.Empty(t, api.Other)
			assert.False(t, api.Foreign)
			assert.Equal(t, "func(w net/http.ResponseWriter, r *net/http.Request)", signature(t, api, "Server.Show"))
			assert.Nil(t, api.Types.Scope().Lookup("GuardedServer"))
			checkGenerated(t, api)

			other := named(t, prog, "example.com/users/other")
			assert.Empty(t, problems(other))
			assert.Equal(t, []string{"other.go:5:29: undefined: api.GuardedServer"}, typeErrors(other))
			assert.Equal(t, "func(s *example.com/users/api.Server) (*Mount, error)", signature(t, other, "New"))
			assert.Same(t, api, other.Imports["example.com/users/api"])
			sound(t, named(t, prog, "example.com/users"))
		})
		t.Run(test.name+", seen from a package that imports it", func(t *testing.T) {
			archive := users
			if test.generated != "" {
				archive += "-- api/auth_gen.go --\n" + test.generated
			}
			prog := read(t, load.Config{Dir: module(t, archive)}, "./other")
			other := named(t, prog, "example.com/users/other")
			assert.Empty(t, problems(other))
			api := other.Imports["example.com/users/api"]
			require.NotNil(t, api)
			sound(t, api)
			assert.Equal(t, "func(w net/http.ResponseWriter, r *net/http.Request)", signature(t, api, "Server.Show"))
		})
	}
}

// checkGenerated requires that Generated is what is on disk.
func checkGenerated(t *testing.T, pkg *load.Package) {
	t.Helper()
	path := filepath.Join(pkg.Dir, load.GeneratedName)
	onDisk, err := os.ReadFile(path)
	if err != nil {
		assert.Nil(t, pkg.Generated)
		return
	}
	require.NotNil(t, pkg.Generated)
	assert.Equal(t, path, pkg.Generated.Path)
	assert.Equal(t, onDisk, pkg.Generated.Source)
	assert.Nil(t, pkg.Generated.Syntax)
}

func TestGeneratedFileAlone(t *testing.T) {
	for name, generated := range map[string]string{
		"sound":         "HEADER\n\npackage lone\n",
		"garbage":       "HEADER\n$$$",
		"binary":        "HEADER\n\x00",
		"gone import":   "HEADER\n\npackage lone\n\nimport _ \"example.com/nowhere\"\n",
		"beside a test": "HEADER\n\npackage lone\n\nimport _ \"example.com/nowhere\"\n-- lone/x_test.go --\npackage lone // auth\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, pattern := range []string{"./...", "./lone"} {
				dir := module(t, users+"-- lone/auth_gen.go --\n"+generated)
				pkg := named(t, read(t, load.Config{Dir: dir}, pattern), "example.com/users/lone")
				sound(t, pkg)
				assert.Empty(t, pkg.Files)
				checkGenerated(t, pkg)
				if name == "beside a test" {
					assert.Equal(t, []string{"x_test.go"}, names(pkg.Other))
				}
			}
		})
	}
}

func TestForeignFile(t *testing.T) {
	for name, contents := range map[string]string{
		"by hand":              "package api\n\ntype Mine struct{}\n",
		"below something else": "\nHEADER\n\npackage api\n\ntype Mine struct{}\n",
		"by another tool":      "// Code generated by authgen. DO NOT EDIT.\n\npackage api\n\ntype Mine struct{}\n",
		"byte order mark":      "\ufeffHEADER\n\npackage api\n\ntype Mine struct{}\n",
	} {
		t.Run(name, func(t *testing.T) {
			pkg := named(t, read(t, load.Config{Dir: module(t, users+"-- api/auth_gen.go --\n"+contents)}, "./api"), "example.com/users/api")
			sound(t, pkg)
			assert.True(t, pkg.Foreign)
			assert.Nil(t, pkg.Generated)
			assert.Equal(t, []string{"auth_gen.go", "server.go"}, names(pkg.Files))
			assert.NotNil(t, pkg.Types.Scope().Lookup("Mine"))
		})
	}
	t.Run("left out by the build", func(t *testing.T) {
		archive := users + "-- api/auth_gen.go --\n//go:build never\n\npackage api // auth\n"
		pkg := named(t, read(t, load.Config{Dir: module(t, archive)}, "./api"), "example.com/users/api")
		assert.True(t, pkg.Foreign)
		assert.Equal(t, []string{"auth_gen.go"}, names(pkg.Other))
	})
	t.Run("does not parse", func(t *testing.T) {
		archive := users + "-- api/auth_gen.go --\npackage api\n\nfunc {\n"
		pkg := named(t, read(t, load.Config{Dir: module(t, archive)}, "./api"), "example.com/users/api")
		assert.True(t, pkg.Foreign)
		assert.NotEmpty(t, pkg.Problems)
	})
}
