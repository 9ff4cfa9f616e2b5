// Package emit writes the generated file of a package from its model. It decides nothing about policy: what stands in
// the model is written down.
package emit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/boltauthgen/boltauthgen/gen/load"
	"github.com/boltauthgen/boltauthgen/gen/model"
)

// File returns the generated file of a package, formatted as gofmt does. The same model gives the same bytes.
func File(m *model.Package) ([]byte, error) {
	e := newEmitter(m)
	e.file.HeaderComment(load.Header)
	e.comment("This line does not compile if this file and the run time do not fit together: run go generate, and if that does not",
		"help, bring github.com/boltauthgen/boltauthgen up to date.")
	e.file.Const().Id("_").Op("=").Add(e.runtime("GeneratedCodeV1"))
	e.names()
	for _, s := range m.Servers {
		newServer(e, s).emit()
	}
	var out bytes.Buffer
	if err := e.file.Render(&out); err != nil {
		return nil, fmt.Errorf("render %s: %w", m.Path, err)
	}
	return groupImports(out.Bytes()), nil
}

// groupImports puts the imports of the standard library first and an empty line between them and the others.
func groupImports(source []byte) []byte {
	const begin, end = "\nimport (\n", "\n)\n"
	before, rest, _ := bytes.Cut(source, []byte(begin))
	imports, after, _ := bytes.Cut(rest, []byte(end))
	var standard, others []string
	for line := range strings.SplitSeq(string(imports), "\n") {
		_, path, _ := strings.Cut(line, `"`)
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			others = append(others, line)
		} else {
			standard = append(standard, line)
		}
	}
	grouped := strings.Join(standard, "\n") + "\n\n" + strings.Join(others, "\n")
	return slices.Concat(before, []byte(begin), []byte(grouped), []byte(end), after)
}

// An emitter writes one file.
type emitter struct {
	model       *model.Package
	file        *jen.File
	taken       names             // that no import and no declaration may take
	imports     map[string]string // names of imports, by path
	permissions map[string]string // variables, by permission
	scopes      map[string]string
}

func newEmitter(m *model.Package) *emitter {
	e := &emitter{model: m, file: jen.NewFilePathName(m.Path, m.Name), taken: names{}, imports: map[string]string{},
		permissions: map[string]string{}, scopes: map[string]string{}}
	e.taken.add(m.Declared...)
	for _, s := range m.Servers {
		e.taken.add(s.GuardedName(), s.ConstructorName())
		if s.Receiver != nil {
			e.taken.add(s.Receiver.Var)
		}
		for _, h := range s.Handlers {
			eachBinding(h, func(b *model.Binding) { e.taken.add(b.Name) })
		}
	}
	e.importAs(model.RuntimePath, "runtime", "authruntime")
	e.importAs("net/http", "http", "nethttp")
	e.importAs("errors", "errors", "stderrors")
	for _, path := range sortedKeys(m.Imported) {
		if e.imports[path] == "" {
			name := m.Imported[path]
			e.importAs(path, name, parent(path)+name)
		}
	}
	return e
}

// importAs chooses the name of an import, the package's own if that is free.
func (e *emitter) importAs(path, name, other string) {
	chosen := e.taken.pick(name, other)
	e.imports[path] = chosen
	if chosen == name {
		e.file.ImportName(path, name)
	} else {
		e.file.ImportAlias(path, chosen)
	}
}

// parent returns the last but one element of an import path, as far as it can be part of a name.
func parent(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		return "std"
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(parts[len(parts)-2]))
}

func (e *emitter) runtime(name string) *jen.Statement { return jen.Qual(model.RuntimePath, name) }

func http(name string) *jen.Statement { return jen.Qual("net/http", name) }

// comment writes a comment of several lines.
func (e *emitter) comment(lines ...string) {
	for _, l := range lines {
		e.file.Comment(lineComment(l))
	}
}

// lineComment returns a line of a comment; one that begins with a tab is code to go doc.
func lineComment(line string) string {
	if line == "" || strings.HasPrefix(line, "\t") {
		return "//" + line
	}
	return "// " + line
}

// names declares the permissions and scopes that guards name.
func (e *emitter) names() {
	var defs []jen.Code
	for _, p := range e.model.Permissions {
		e.permissions[p] = e.taken.pick(identifier("perm", p))
		defs = append(defs, jen.Id(e.permissions[p]).Op("=").Add(e.runtime("NewPermission")).Call(jen.Lit(p)))
	}
	for _, s := range e.model.Scopes {
		e.scopes[s] = e.taken.pick(identifier("scope", s))
		defs = append(defs, jen.Id(e.scopes[s]).Op("=").Add(e.runtime("NewScope")).Call(jen.Lit(s)))
	}
	switch {
	case len(defs) == 0:
		return
	case len(e.model.Scopes) == 0:
		e.file.Comment("Permissions that guards name.")
	case len(e.model.Permissions) == 0:
		e.file.Comment("Scopes that guards name.")
	default:
		e.file.Comment("Permissions and scopes that guards name.")
	}
	if len(defs) == 1 {
		e.file.Var().Add(defs...)
		return
	}
	e.file.Var().Defs(defs...)
}

// eachBinding calls f for every binding that a handler uses.
func eachBinding(h *model.Handler, f func(*model.Binding)) {
	for _, s := range h.Steps {
		for _, b := range s.Bind {
			f(b)
		}
	}
	for _, b := range h.Rest {
		f(b)
	}
}
