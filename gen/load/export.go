package load

import (
	"fmt"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// exports are the packages that come from export data. They share one map, so that a type has one identity no matter
// through which package it is reached.
type exports struct {
	fset  *token.FileSet
	known map[string]*types.Package // what Read fills in, also with packages of which only a part was seen
	read  map[string]*types.Package // those that are complete
	sizes types.Sizes
}

func newExports(fset *token.FileSet) exports {
	return exports{fset: fset, known: make(map[string]*types.Package), read: map[string]*types.Package{"unsafe": types.Unsafe}}
}

// fetchExports has the go command supply export data of the packages, which compiles those that are not in its cache,
// and reads it. A package that does not compile is not an error, it is just not there afterwards.
func (l *loader) fetchExports(paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	sort.Strings(paths)
	listed, err := packages.Load(l.config(packages.NeedName|packages.NeedExportFile), paths...)
	if err != nil {
		return fmt.Errorf("get export data: %w", l.explain(err))
	}
	for _, p := range listed {
		if p.ExportFile == "" {
			continue
		}
		if err := l.exports.add(p.PkgPath, p.ExportFile); err != nil {
			return fmt.Errorf("read export data of %s: %w", p.PkgPath, err)
		}
	}
	return nil
}

// fetchSizes finds out the sizes of types. go/packages knows them, too, but asks for compiled files along with them.
func (l *loader) fetchSizes() error {
	if l.exports.sizes != nil {
		return nil
	}
	cmd := exec.CommandContext(l.ctx, "go", "env", "GOARCH")
	cmd.Dir, cmd.Env = l.cfg.Dir, l.cfg.Env
	output, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("find out architecture: %w", err)
	}
	l.exports.sizes = types.SizesFor("gc", strings.TrimSpace(string(output)))
	return nil
}

func (e *exports) add(path, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f) //lint:ignore SA1019 up to Go 1.27, go list -export writes archives
	if err != nil {
		return err
	}
	e.read[path], err = gcexportdata.Read(r, e.fset, e.known, path)
	return err
}
