package load_test

import (
	"archive/zip"
	"context"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/boltauthgen/boltauthgen/gen/load"
)

// module writes the files of a txtar archive into a folder of its own. "HEADER" in them stands for the first line of a
// generated file.
func module(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, f := range txtar.Parse([]byte(archive)).Files {
		put(t, dir, f.Name, strings.ReplaceAll(string(f.Data), "HEADER", load.Header))
	}
	return dir
}

func put(t *testing.T, dir, name, contents string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(contents), 0o644))
}

// environment is that of the test, without what a developer may have set and without the network.
func environment(settings ...string) []string {
	return append(os.Environ(), append([]string{
		"GOFLAGS=", "GOWORK=", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOPACKAGESDRIVER=off",
	}, settings...)...)
}

// read loads what must be loadable.
func read(t *testing.T, cfg load.Config, patterns ...string) *load.Program {
	t.Helper()
	if cfg.Env == nil {
		cfg.Env = environment()
	}
	prog, err := load.Load(context.Background(), cfg, patterns...)
	require.NoError(t, err)
	for _, pkg := range prog.Packages {
		require.NotNil(t, pkg.Types, pkg.Path)
		require.NotNil(t, pkg.Info, pkg.Path)
		require.True(t, pkg.Types.Complete(), pkg.Path)
	}
	return prog
}

// named returns the package with this path.
func named(t *testing.T, prog *load.Program, path string) *load.Package {
	t.Helper()
	for _, pkg := range prog.Packages {
		if pkg.Path == path {
			return pkg
		}
	}
	require.Fail(t, "no such package", "%s", path)
	return nil
}

func paths(prog *load.Program) []string {
	var all []string
	for _, pkg := range prog.Packages {
		all = append(all, pkg.Path)
	}
	return all
}

func names(files []*load.File) []string {
	all := []string{}
	for _, f := range files {
		all = append(all, filepath.Base(f.Path))
	}
	return all
}

// sound requires that there is nothing wrong with a package.
func sound(t *testing.T, pkg *load.Package) {
	t.Helper()
	require.Empty(t, problems(pkg), pkg.Path)
	require.Empty(t, typeErrors(pkg), pkg.Path)
}

// problems returns a line for each problem, positions relative to the package's folder.
func problems(pkg *load.Package) []string {
	var all []string
	for _, p := range pkg.Problems {
		all = append(all, strings.TrimPrefix(p.Pos.String(), pkg.Dir+string(filepath.Separator))+": "+p.Rule+": "+p.Message)
	}
	return all
}

func typeErrors(pkg *load.Package) []string {
	var all []string
	for _, e := range pkg.TypeErrors {
		pos := e.Fset.Position(e.Pos).String()
		all = append(all, strings.TrimPrefix(pos, pkg.Dir+string(filepath.Separator))+": "+e.Msg)
	}
	return all
}

// signature returns the type of a package-level function, or of a method named like "T.Method".
func signature(t *testing.T, pkg *load.Package, name string) string {
	t.Helper()
	receiver, method, isMethod := strings.Cut(name, ".")
	obj := pkg.Types.Scope().Lookup(receiver)
	require.NotNil(t, obj, name)
	if isMethod {
		obj, _, _ = types.LookupFieldOrMethod(types.NewPointer(obj.Type()), true, pkg.Types, method)
		require.NotNil(t, obj, name)
	}
	return types.TypeString(obj.Type(), types.RelativeTo(pkg.Types))
}

// A proxy is a module proxy on disk, which makes modules that are not the user's own.
type proxy struct{ dir, cache string }

func newProxy(t *testing.T) proxy {
	return proxy{dir: t.TempDir(), cache: t.TempDir()}
}

// env makes the go command download from the proxy alone.
func (p proxy) env(settings ...string) []string {
	return environment(append([]string{
		"GOPROXY=file://" + filepath.ToSlash(p.dir), "GOMODCACHE=" + p.cache, "GOFLAGS=-mod=mod -modcacherw",
	}, settings...)...)
}

// add publishes version v1.0.0 of a module whose files, go.mod among them, are in a txtar archive.
func (p proxy) add(t *testing.T, path, archive string) {
	t.Helper()
	const version = "v1.0.0"
	files := txtar.Parse([]byte(archive)).Files
	versions := "" + path + "/@v/"
	put(t, p.dir, versions+version+".info", `{"Version":"`+version+`"}`)
	put(t, p.dir, versions+"list", version+"\n")
	out, err := os.Create(filepath.Join(p.dir, filepath.FromSlash(versions+version+".zip")))
	require.NoError(t, err)
	w := zip.NewWriter(out)
	for _, f := range files {
		if f.Name == "go.mod" {
			put(t, p.dir, versions+version+".mod", string(f.Data))
		}
		entry, err := w.Create(path + "@" + version + "/" + f.Name)
		require.NoError(t, err)
		_, err = entry.Write([]byte(strings.ReplaceAll(string(f.Data), "HEADER", load.Header)))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, out.Close())
}
