package directive

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/load"
)

// A reader collects the directives of one package.
type reader struct {
	fset       *token.FileSet
	pkg        *Package
	problems   []diag.Diagnostic
	unparsable map[string]bool // paths of files with syntax errors
}

func (r *reader) report(d diag.Diagnostic) {
	r.problems = append(r.problems, d)
}

// file reads a file that the build compiles.
func (r *reader) file(f *load.File) {
	places := docComments(f.Syntax)
	for _, group := range f.Syntax.Comments {
		target, place := places.of(group)
		before := len(r.problems)
		var found []Directive
		for _, c := range group.List {
			if d, ok := r.comment(c); ok {
				found = append(found, d)
			}
		}
		found = slices.DeleteFunc(found, func(d Directive) bool { return !r.placed(f, d, place) })
		damaged := len(r.problems) > before
		if place == "" || len(found) == 0 && (!damaged || place != onType && place != onPackage) {
			continue
		}
		target.File = f
		target.Damaged = damaged
		target.Directives = r.withoutRepeats(found)
		r.add(target, place)
	}
}

// outside looks at a file that the build leaves out, where any directive is a mistake.
func (r *reader) outside(f *load.File) {
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			d, ok := r.comment(c)
			switch {
			case !ok:
			case f.Test:
				r.report(inTestFile.At(r.fset, d.Pos, d.End, d.Name))
			default:
				r.report(inConstrainedFile.At(r.fset, d.Pos, d.End, d.Name))
			}
		}
	}
}

func (r *reader) add(t *Target, place string) {
	switch place {
	case onFunc:
		r.pkg.Funcs = append(r.pkg.Funcs, t)
	case onType:
		r.pkg.Types = append(r.pkg.Types, t)
	case onConst:
		r.pkg.Consts = append(r.pkg.Consts, t)
	case onPackage:
		switch {
		case len(t.Directives) == 0 && r.pkg.Clause != nil:
			r.pkg.Clause.Damaged = true
			return
		case r.pkg.Clause != nil && len(r.pkg.Clause.Directives) == 0:
			t.Damaged = true
		case r.pkg.Clause != nil:
			first := r.pkg.Clause.Directives[0]
			r.report(severalClauses.At(r.fset, t.Directives[0].Pos, t.Directives[0].End).
				WithRelated(r.fset.PositionFor(first.Pos, false), "the other package clause with directives"))
			return
		}
		r.pkg.Clause = t
	}
}

// placed reports whether the directive may stand where it does, and complains where it may not.
func (r *reader) placed(f *load.File, d Directive, place string) bool {
	s := specs[d.Name]
	switch {
	case f.Constrained:
		r.report(inConstrainedFile.At(r.fset, d.Pos, d.End, d.Name))
	case place == "" && r.unparsable[f.Path]: // so that nobody knows what it stands on
	case place == "":
		r.report(outsideDocComment.At(r.fset, d.Pos, d.End, d.Name).
			WithHint("put it directly above %s", list(s.places, "or")))
	case !slices.Contains(s.places, place):
		r.report(misplaced.At(r.fset, d.Pos, d.End, d.Name, place, list(s.places, "or")))
	case s.arguments == "" && d.Args != "" && d.Name != Provide:
		r.report(needlessArguments.At(r.fset, d.ArgsPos, d.End, d.Name))
	case s.arguments != "" && d.Args == "":
		r.report(missingArguments.At(r.fset, d.Pos, d.End, d.Name, s.arguments))
	case d.Name == Provide && d.Args != "" && d.Args != "optional":
		r.report(badProvide.At(r.fset, d.ArgsPos, d.End, d.Args))
	default:
		return true
	}
	return false
}

// withoutRepeats drops directives that may stand on a declaration only once, after the first.
func (r *reader) withoutRepeats(all []Directive) []Directive {
	first := map[string]Directive{}
	return slices.DeleteFunc(all, func(d Directive) bool {
		before, again := first[d.Name]
		if !again || specs[d.Name].repeatable {
			first[d.Name] = d
			return false
		}
		r.report(repeated.At(r.fset, d.Pos, d.End, d.Name).
			WithRelated(r.fset.PositionFor(before.Pos, false), "the first one"))
		return true
	})
}

// comment returns the directive that a comment is, or reports that it looks like one.
func (r *reader) comment(c *ast.Comment) (Directive, bool) {
	parsed, ok := ast.ParseDirective(c.Slash, c.Text)
	if !ok || parsed.Tool != tool {
		if offset, miss, hint, found := nearMiss(c.Text); found {
			pos := c.Slash + token.Pos(offset)
			r.report(nearMissRule.At(r.fset, pos, pos+token.Pos(len(miss)), miss).WithHint("%s", hint))
		}
		return Directive{}, false
	}
	d := Directive{Name: parsed.Name, Args: parsed.Args, Pos: c.Slash, ArgsPos: parsed.ArgsPos,
		End: parsed.ArgsPos + token.Pos(len(parsed.Args))}
	if d.Args == "" {
		d.End = c.Slash + token.Pos(len(strings.TrimRight(c.Text, " \t\r")))
		d.ArgsPos = d.End
	}
	if _, known := specs[d.Name]; !known {
		r.report(unknown.At(r.fset, d.Pos, d.End, d.Name).WithHint("%s", didYouMean(d.Name)))
		return Directive{}, false
	}
	if i, char := hiddenCharacter(c.Text); i >= 0 {
		pos := c.Slash + token.Pos(i)
		r.report(hidden.At(r.fset, pos, pos+token.Pos(len(string(char))), char))
		return Directive{}, false
	}
	return d, true
}

// A places knows the declarations of a file by their doc comments.
type places map[*ast.CommentGroup]place

type place struct {
	target *Target
	name   string
}

// of returns a new target and the name of the place for a comment; both are zero where it is no doc comment.
func (p places) of(group *ast.CommentGroup) (*Target, string) {
	at, ok := p[group]
	if !ok {
		return nil, ""
	}
	return at.target, at.name
}

// docComments finds the doc comments of a file on which directives have a meaning.
func docComments(file *ast.File) places {
	p := places{}
	put := func(doc *ast.CommentGroup, name string, t *Target) {
		if doc != nil {
			p[doc] = place{t, name}
		}
	}
	put(file.Doc, onPackage, &Target{})
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			put(decl.Doc, onFunc, &Target{Func: decl})
		case *ast.GenDecl:
			switch decl.Tok {
			case token.VAR:
				put(decl.Doc, onVar, &Target{})
			case token.IMPORT:
				put(decl.Doc, onImport, &Target{})
			case token.CONST:
				put(decl.Doc, onConst, &Target{Const: decl})
			case token.TYPE:
				if len(decl.Specs) == 1 && !decl.Lparen.IsValid() {
					put(decl.Doc, onType, &Target{Type: decl.Specs[0].(*ast.TypeSpec)})
					continue
				}
				for _, s := range decl.Specs {
					put(s.(*ast.TypeSpec).Doc, onType, &Target{Type: s.(*ast.TypeSpec)})
				}
			}
		}
	}
	return p
}

// list joins names for a sentence: "a, b or c".
func list(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	n := len(names) - 1
	return strings.Join(names[:n], ", ") + " " + last + " " + names[n]
}
