package gen_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// An expr is a random guard with its own meaning. It knows nothing of the generator's model.
type expr struct {
	op   string // "&&", "||", "!", "()", or "" for an operand
	x, y *expr
	operand
}

// An operand is what a guard is made of: how it is written, and what it means.
type operand struct {
	text string
	uses []string // parameters that it mentions, in order
	kind stepKind
	eval func(w *world) (bool, error)

	rights  []string // what a built-in guard asks for
	anyOf   bool     // one of the rights is enough
	compare bool     // whether they hold is compared with whether the sender is staff: with == or, negated, with !=
	fact    string   // the same text for comparisons that are true together; "" if two evaluations may differ
	negated bool     // the operand is true where the fact is not

	scopes []string      // of HasScope
	age    time.Duration // of Fresh
}

type stepKind int

const (
	plainStep stepKind = iota
	scopeStep
	freshStep
	errorStep // only ever a whole step
)

func (e *expr) String() string {
	switch e.op {
	case "&&", "||":
		return e.x.String() + " " + e.op + " " + e.y.String()
	case "!":
		return "!" + e.x.String()
	case "()":
		return "(" + e.x.String() + ")"
	}
	return e.text
}

// steps takes an expression apart at its top-level &&.
func (e *expr) steps() []*expr {
	if e.op == "&&" {
		return append(e.x.steps(), e.y.steps()...)
	}
	return []*expr{e}
}

// operands calls f for every operand, from left to right.
func (e *expr) operands(f func(*expr)) {
	switch e.op {
	case "":
		f(e)
	case "&&", "||":
		e.x.operands(f)
		e.y.operands(f)
	default:
		e.x.operands(f)
	}
}

// holds evaluates an expression as Go does.
func (e *expr) holds(w *world) (bool, error) {
	switch e.op {
	case "!":
		v, err := e.x.holds(w)
		return !v, err
	case "()":
		return e.x.holds(w)
	case "&&", "||":
		v, err := e.x.holds(w)
		if err != nil || v == (e.op == "||") {
			return v, err
		}
		return e.y.holds(w)
	}
	return e.eval(w)
}

// whole returns the operand that a step consists of, in parentheses or not; nil if the step is more than that.
func (e *expr) whole() *expr {
	for e.op == "()" {
		e = e.x
	}
	if e.op != "" {
		return nil
	}
	return e
}

// A chooser makes random expressions out of what a handler may mention.
type chooser struct {
	*rand.Rand
	operands []func() operand
	errors   []func() operand // steps that return an error
}

func (c *chooser) one(options []func() operand) operand { return options[c.IntN(len(options))]() }

// line returns a random guard line.
func (c *chooser) line(depth int) *expr {
	e := c.step(depth)
	for c.IntN(3) == 0 {
		e = &expr{op: "&&", x: e, y: c.step(depth)}
	}
	return e
}

func (c *chooser) step(depth int) *expr {
	if len(c.errors) > 0 && c.IntN(5) == 0 {
		return c.maybeParens(&expr{operand: c.one(c.errors)})
	}
	e := c.expr(depth)
	if e.op == "&&" || e.op == "||" {
		return &expr{op: "()", x: e}
	}
	return c.maybeParens(e)
}

func (c *chooser) maybeParens(e *expr) *expr {
	for c.IntN(10) == 0 {
		e = &expr{op: "()", x: e}
	}
	return e
}

// expr returns an expression whose text parses to the same tree.
func (c *chooser) expr(depth int) *expr {
	if depth == 0 {
		return &expr{operand: c.one(c.operands)}
	}
	switch c.IntN(6) {
	case 0:
		return &expr{op: "!", x: c.tight(c.expr(depth - 1))}
	case 1, 2:
		return c.maybeParens(&expr{op: "||", x: c.expr(depth - 1), y: parensFor(c.expr(depth-1), "||")})
	case 3, 4:
		return c.maybeParens(&expr{op: "&&", x: parensFor(c.expr(depth-1), "||"), y: parensFor(c.expr(depth-1), "||", "&&")})
	}
	return c.maybeParens(&expr{operand: c.one(c.operands)})
}

// tight puts what a negation would bind less tightly than into parentheses.
func (c *chooser) tight(e *expr) *expr {
	if e.op == "&&" || e.op == "||" || e.op == "" && strings.ContainsAny(e.text, "=<>") {
		return &expr{op: "()", x: e}
	}
	return e
}

func parensFor(e *expr, operators ...string) *expr {
	if slices.Contains(operators, e.op) {
		return &expr{op: "()", x: e}
	}
	return e
}

// builtins returns the built-in guards with random arguments.
func builtins(r *rand.Rand) []func() operand {
	simple := func(name, right string) func() operand {
		return func() operand {
			text := name + "()"
			if r.IntN(3) == 0 {
				text = name
			}
			return operand{text: text, rights: []string{right}, eval: func(w *world) (bool, error) { return w.has(right), nil }}
		}
	}
	named := func(name, kind string, all []string, anyOf bool, most int) func() operand {
		return func() operand { return rightsOperand(r, name, kind, all, anyOf, most) }
	}
	return []func() operand{
		simple("IsAuthenticated", "authenticated"), simple("IsStaff", "staff"), simple("IsAdminUser", "superuser"),
		named("HasPermission", "permission ", allPermissions, false, 1), named("HasPermission", "permission ", allPermissions, false, 1),
		named("HasAnyPermission", "permission ", allPermissions, true, 3), named("HasAllPermissions", "permission ", allPermissions, false, 3),
		named("HasScope", "scope ", allScopes, false, 2), freshOperand(r), comparedOperand(r),
	}
}

func rightsOperand(r *rand.Rand, name, kind string, all []string, anyOf bool, most int) operand {
	names := slices.Clone(all)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+r.IntN(most)]
	o := operand{anyOf: anyOf}
	var args []string
	for _, n := range names {
		o.rights = append(o.rights, kind+n)
		args = append(args, fmt.Sprintf("%q", n))
	}
	o.text = name + "(" + strings.Join(args, ", ") + ")"
	if name == "HasScope" {
		o.kind, o.scopes = scopeStep, names
	}
	o.eval = func(w *world) (bool, error) {
		for _, right := range o.rights {
			if w.has(right) == anyOf {
				return anyOf, nil
			}
		}
		return !anyOf, nil
	}
	return o
}

func freshOperand(r *rand.Rand) func() operand {
	return func() operand {
		o := operand{text: "Fresh(5 * time.Minute)", age: 5 * time.Minute, kind: freshStep}
		if r.IntN(2) == 0 {
			o.text, o.age = "Fresh(maxAge)", 2*time.Hour
		}
		o.rights = []string{"fresh " + o.age.String()}
		o.eval = func(w *world) (bool, error) { return w.fresh(o.age), nil }
		return o
	}
}

// comparedOperand returns the comparison of two built-in guards.
func comparedOperand(r *rand.Rand) func() operand {
	return func() operand {
		x := rightsOperand(r, "HasAnyPermission", "permission ", allPermissions, true, 3)
		o := operand{text: x.text + " == IsStaff()", rights: x.rights, anyOf: true, compare: true, negated: r.IntN(2) == 0}
		if o.negated {
			o.text = "IsStaff() != " + x.text
		}
		o.eval = func(w *world) (bool, error) {
			has, err := x.eval(w)
			return (has == w.has("staff")) != o.negated, err
		}
		return o
	}
}

// fact returns a comparison that is the same at every evaluation; its negation is written with !=.
func fact(text, fact string, negated bool, eval func(*world) bool, uses ...string) func() operand {
	return func() operand {
		return operand{text: text, fact: fact, negated: negated, uses: uses,
			eval: func(w *world) (bool, error) { return eval(w), nil }}
	}
}

// call returns a call of a user's function.
func call(text string, eval func(*world) bool, uses ...string) func() operand {
	name, _, _ := strings.Cut(text, "(")
	return func() operand {
		return operand{text: text, uses: uses, eval: func(w *world) (bool, error) {
			w.trace = append(w.trace, name)
			return eval(w), nil
		}}
	}
}

// errorCall returns a call of a user's function that returns an error.
func errorCall(text string, eval func(*world) (bool, error), uses ...string) func() operand {
	name, _, _ := strings.Cut(text, "(")
	return func() operand {
		return operand{text: text, kind: errorStep, uses: uses, eval: func(w *world) (bool, error) {
			w.trace = append(w.trace, name)
			return eval(w)
		}}
	}
}

// packageOperands are those that every level may mention.
func packageOperands() []func() operand {
	return []func() operand{
		call("yes()", func(*world) bool { return true }),
		call("no()", func(*world) bool { return false }),
		fact("Level > 2", "Level > 2", false, func(*world) bool { return true }),
		fact("Level == 3", "Level == 3", false, func(*world) bool { return true }),
		fact("Level != 3", "Level == 3", true, func(*world) bool { return false }),
		fact("Enabled", "Enabled", false, func(*world) bool { return true }),
	}
}

// typeOperands are those that a method and its type may mention.
func typeOperands() []func() operand {
	return []func() operand{
		fact("s.Flag", "s.Flag", false, func(*world) bool { return true }),
		fact("s.Level == 2", "s.Level == 2", false, func(*world) bool { return false }),
		fact("s.Level != 2", "s.Level == 2", true, func(*world) bool { return true }),
		call("s.flagged()", func(*world) bool { return true }),
	}
}

// parameterOperands are those over one of a handler's parameters.
var parameterOperands = map[string][]func() operand{
	"n": {
		call("odd(n)", func(w *world) bool { return w.n%2 == 1 }, "n"),
		fact("n > 6", "n > 6", false, func(w *world) bool { return w.n > 6 }, "n"),
		fact("n == 7", "n == 7", false, func(w *world) bool { return w.n == 7 }, "n"),
		fact("n != 7", "n == 7", true, func(w *world) bool { return w.n != 7 }, "n"),
		call("boom(n)", boom, "n"),
	},
	"user": {
		fact("user.Staff", "user.Staff", false, func(w *world) bool { return w.user.Staff }, "user"),
		fact("user.ID == \"u1\"", "user.ID == u1", false, func(w *world) bool { return w.user.ID == "u1" }, "user"),
		fact("user.ID != \"u1\"", "user.ID == u1", true, func(w *world) bool { return w.user.ID != "u1" }, "user"),
	},
	"item": {
		fact("item.N <= 8", "item.N <= 8", false, func(w *world) bool { return w.n <= 8 }, "item"),
		call("open(item)", func(w *world) bool { return w.n%3 != 0 }, "item"),
	},
	"p": {fact("p.UserID() == \"u2\"", "", false, func(w *world) bool { return w.id().ID == "u2" }, "p")},
	"r": {
		fact("r.Method == http.MethodPost", "r.Method == http.MethodPost", false, func(w *world) bool { return w.post }, "r"),
		fact("r.Method != http.MethodPost", "r.Method == http.MethodPost", true, func(w *world) bool { return !w.post }, "r"),
	},
	"user item": {
		fact("user.ID == item.Owner", "user.ID == item.Owner", false, func(w *world) bool { return w.user.ID == w.owner() }, "user", "item"),
		fact("item.Owner == user.ID", "item.Owner == user.ID", false, func(w *world) bool { return w.user.ID == w.owner() }, "item", "user"),
		call("owns(user, item)", func(w *world) bool { return w.user.ID == w.owner() }, "user", "item"),
	},
}

var parameterErrors = map[string][]func() operand{
	"n":     {errorCall("check(n)", check, "n"), errorCall("checked(n)", checked, "n")},
	"ctx n": {errorCall("vet(ctx, n)", vet, "ctx", "n")},
	"p":     {errorCall("gate(p)", gate, "p")},
}

// Answers of the user's functions that return errors, or panic.
var (
	errForbidden       = errors.New("403")
	errUnauthenticated = errors.New("401")
	errOther           = errors.New("500")
)

func boom(w *world) bool {
	if w.n == 13 {
		panic(errOther)
	}
	return w.n < 10
}

func check(w *world) (bool, error) {
	switch w.n % 8 {
	case 1:
		return false, errForbidden
	case 2:
		return false, errUnauthenticated
	case 3, 4, 5:
		return false, errOther
	}
	return true, nil
}

func checked(w *world) (bool, error) {
	if w.n%8 == 6 {
		return false, nil
	}
	return check(w)
}

func vet(w *world) (bool, error) {
	w.trace[len(w.trace)-1] = "vet for " + w.id().ID // the principal is in the context
	switch w.n % 6 {
	case 0:
		return false, nil
	case 1:
		return true, errForbidden
	case 2:
		return true, errOther
	}
	return true, nil
}

func gate(w *world) (bool, error) {
	if w.id().ID == "u3" {
		return false, errForbidden
	}
	return true, nil
}
