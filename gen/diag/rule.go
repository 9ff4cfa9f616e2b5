package diag

import (
	"fmt"
	"go/token"
)

// A Rule is one thing that the generator asks of a user's code. Each stage declares all of its rules together, in a file
// called rules.go.
type Rule struct {
	ID      string // stable name, such as "unguarded-route"
	Summary string // one sentence: what the rule forbids
	Help    string // why it stands, and how code is mended that breaks it; may be empty
	Format  string // of the message, without a final full stop
	Hint    string // how to mend it; may be empty
}

// At reports that the code from pos to end breaks the rule. The arguments go into the rule's Format.
func (r Rule) At(fset *token.FileSet, pos, end token.Pos, args ...any) Diagnostic {
	d := Diagnostic{Pos: fset.PositionFor(pos, false), Rule: r.ID, Message: fmt.Sprintf(r.Format, args...), Hint: r.Hint}
	if end.IsValid() {
		d.End = fset.PositionFor(end, false)
	}
	return d
}

// WithHint returns the diagnostic with another hint; an empty one changes nothing.
func (d Diagnostic) WithHint(format string, args ...any) Diagnostic {
	if hint := fmt.Sprintf(format, args...); hint != "" {
		d.Hint = hint
	}
	return d
}

// WithRelated returns the diagnostic with one more place that explains it.
func (d Diagnostic) WithRelated(pos token.Position, format string, args ...any) Diagnostic {
	d.Related = append(d.Related[:len(d.Related):len(d.Related)], Related{Pos: pos, Message: fmt.Sprintf(format, args...)})
	return d
}
