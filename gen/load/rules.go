package load

import (
	"fmt"
	"go/token"

	"github.com/boltauthgen/boltauthgen/gen/diag"
)

// The rules that a package must keep to be looked at at all.
var (
	ruleSyntax = diag.Rule{
		ID:      "syntax",
		Summary: "A Go file does not parse.",
		Format:  "%s",
	}
	ruleImport = diag.Rule{
		ID:      "import",
		Summary: "An import does not name a package that can be imported.",
		Format:  "%s",
	}
	ruleImportCycle = diag.Rule{
		ID:      "import",
		Summary: ruleImport.Summary,
		Format:  "import cycle: %s",
	}
	rulePackageName = diag.Rule{
		ID:      "package-name",
		Summary: "The files of a folder belong to different packages.",
		Format:  "this file is of package %s, others in this folder are of package %s",
	}
	ruleUnreadable = diag.Rule{
		ID:      "unreadable-file",
		Summary: "A Go file cannot be read, so that nobody knows what directives are in it.",
		Format:  "%s",
	}
)

// Rules returns the rules of this stage.
func Rules() []diag.Rule {
	return []diag.Rule{ruleSyntax, ruleImport, rulePackageName, ruleUnreadable}
}

func (l *loader) report(u *unit, rule diag.Rule, pos token.Position, args ...any) {
	u.Problems = append(u.Problems, problem(rule, pos, args...))
}

// problem is [diag.Rule.At] for what has a position only as a text.
func problem(rule diag.Rule, pos token.Position, args ...any) diag.Diagnostic {
	return diag.Diagnostic{Pos: pos, Rule: rule.ID, Message: fmt.Sprintf(rule.Format, args...), Hint: rule.Hint}
}
