// Package load reads the packages that the generator works on.
package load

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// GeneratedName is the name of the file that the generator writes into a package.
const GeneratedName = "auth_gen.go"

// Config says where and how to load.
type Config struct {
	Dir   string   // working directory for patterns; "" is the current one
	Env   []string // environment of the go command; nil is os.Environ()
	Flags []string // build flags for the go command, such as -tags=x
}

// A Program is what one call to [Load] read.
type Program struct {
	Fset     *token.FileSet
	Packages []*Package // those that the patterns named, sorted by path
}

// A Package is one package that was type-checked from source, without function bodies.
type Package struct {
	Path, Name, Dir string
	Module          string              // path of its module, "" outside of modules
	Files           []*File             // what the build compiles, but for our generated file; sorted by name
	Other           []*File             // test files and files that build constraints leave out: syntax only, never type-checked
	Generated       *File               // our auth_gen.go if there is one (Syntax is nil; Source is what is on disk), else nil
	Foreign         bool                // an auth_gen.go exists that is not ours
	Types           *types.Package      // never nil
	Info            *types.Info         // Defs, Uses, Types of Files
	TypeErrors      []types.Error       // those that do not come from the missing bodies
	Imports         map[string]*Package // by path: the direct imports that were loaded from source, too
	Problems        []diag.Diagnostic   // syntax errors and the like, which make the package unusable
}

// A File is one Go file.
type File struct {
	Path        string // absolute
	Source      []byte
	Syntax      *ast.File // with comments; bodies of functions are kept, but empty
	Constrained bool      // a build constraint or its name limits where it is built
	Test        bool      // its name ends in _test.go
}
