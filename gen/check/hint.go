package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/gen/directive"
)

// hintFor says which visible name a reader may have meant by one that is not defined.
func (t *translator) hintFor(name string) string {
	if t.ambiguous[name] {
		return fmt.Sprintf("the files of this package import different packages as %s", name)
	}
	if t.handler.names[name] && t.line.target == nil {
		return fmt.Sprintf("take the path value {%s} as a parameter", name)
	}
	if len(name) == 1 {
		return "" // one letter is near to every other
	}
	names := slices.Collect(maps.Keys(builtins))
	names = append(names, t.pkg.Types.Scope().Names()...)
	for v := range t.handler.sig.Params().Variables() {
		names = append(names, v.Name())
	}
	if recv := t.handler.sig.Recv(); recv != nil {
		names = append(names, recv.Name())
	}
	slices.Sort(names)
	if near := diag.Closest(name, names); near != "" {
		return fmt.Sprintf("did you mean %s", near)
	}
	return ""
}

// isReceiver reports whether a method with directives calls its receiver so.
func (c *checker) isReceiver(name string) bool {
	return slices.ContainsFunc(c.own.Funcs, func(t *directive.Target) bool {
		recv := t.Func.Recv
		return recv != nil && len(recv.List) == 1 && len(recv.List[0].Names) == 1 && recv.List[0].Names[0].Name == name
	})
}

func quoteName(name string) string {
	if name == "" {
		return "nothing"
	}
	return name
}

// compareProblems orders problems by place, then by what they say.
func compareProblems(a, b diag.Diagnostic) int {
	return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
}
