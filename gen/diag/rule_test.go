package diag

import (
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRuleAt(t *testing.T) {
	fset := token.NewFileSet()
	file := fset.AddFile("a.go", -1, 20)
	file.SetLines([]int{0, 10})
	rule := Rule{ID: "unbound", Format: "nothing binds %s", Hint: "add a provider"}

	d := rule.At(fset, file.Pos(12), file.Pos(14), "user")
	assert.Equal(t, Diagnostic{
		Pos:  token.Position{Filename: "a.go", Offset: 12, Line: 2, Column: 3},
		End:  token.Position{Filename: "a.go", Offset: 14, Line: 2, Column: 5},
		Rule: "unbound", Message: "nothing binds user", Hint: "add a provider",
	}, d)
	assert.Zero(t, rule.At(fset, file.Pos(12), token.NoPos, "user").End)

	assert.Equal(t, "did you mean users?", d.WithHint("did you mean %s?", "users").Hint)
	assert.Equal(t, "add a provider", d.WithHint("%s", "").Hint, "an empty hint changes nothing")
	assert.Equal(t, "add a provider", d.Hint, "the receiver is not changed")
}

func TestWithRelated(t *testing.T) {
	first := position("a.go", 1, 1)
	one := Diagnostic{}.WithRelated(first, "the %s one", "first")
	left := one.WithRelated(position("a.go", 2, 1), "left")
	right := one.WithRelated(position("a.go", 3, 1), "right")
	assert.Equal(t, []Related{{Pos: first, Message: "the first one"}}, one.Related)
	assert.Equal(t, "left", left.Related[1].Message, "two that grow from one do not share")
	assert.Equal(t, "right", right.Related[1].Message)
}
