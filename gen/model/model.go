// Package model describes what is generated for a package, after every check has passed. It knows neither syntax trees
// nor the types of go/types, so that what prints it has nothing left to decide: the generated code, the access table and
// all other views are made from the same facts.
package model

import (
	"go/token"
	"strings"
	"unicode"
)

// RuntimePath is the package that generated code calls.
const RuntimePath = "github.com/boltauthgen/boltauthgen/runtime"

// A Package is everything that is generated for one package.
type Package struct {
	Path, Name, Dir string
	Servers         []*Server // sorted by the names of their receivers; plain functions come first
	Permissions     []string  // that guards name, sorted
	Scopes          []string  // that guards name, sorted
	Declared        []string  // the names in the package's scope and the names of its dot imports, sorted

	Imported map[string]string // names of the packages that pieces and providers mention, by path
}

// A Server is the set of handlers of one receiver type, or of the package's plain functions.
type Server struct {
	Receiver *Receiver // nil for plain functions
	Handlers []*Handler
}

// A Receiver is a type whose methods are handlers.
type Receiver struct {
	Type    string // its name
	Pointer bool   // the methods need a pointer
	Var     string // what most of its methods call the receiver
}

// Access says for whom a handler is.
type Access int

// The kinds of access.
const (
	Guarded Access = iota // authenticated requests that pass the guards
	Public                // anyone who passes the guards: AllowAny() && …
	Open                  // anyone: exactly AllowAny()
)

// A Handler is one guarded handler.
type Handler struct {
	Name     string
	Pos      token.Position
	Patterns []string // with prefixes; empty if the user routes it
	Access   Access
	Guards   []Guard // all that count, outermost level first
	Replaced string  // the reason of //auth:replace, or ""
	Backends []Backend
	Steps    []Step
	Rest     []*Binding // what is bound after the last step, for the handler
	Args     []*Binding // of the handler's call
	Result   Result

	Permissions []string // that its guards name, in order of mention
}

// A Guard is one line as it was written.
type Guard struct {
	Text  string
	Level string // "package", "type" or "handler"
	Pos   token.Position
}

// A Backend is an expression whose value is an Authenticator.
type Backend struct {
	Text string // as written
	Expr []Piece
}

// Key is equal for backends that are the same expression and mean the same by it.
func (b Backend) Key() string {
	var s strings.Builder
	for _, p := range b.Expr {
		switch {
		case p.Receiver:
			s.WriteString("\x00receiver\x00")
		case p.Import != "":
			s.WriteString("\x00" + p.Import + "\x00")
		default:
			s.WriteString(p.Text)
		}
	}
	return s.String()
}

// Result is what a handler returns.
type Result int

// The results of handlers.
const (
	NoResult Result = iota
	Error
	Value
	ValueError
)

// StepKind says how a step decides.
type StepKind int

// The kinds of steps.
const (
	Bool          StepKind = iota
	Scope                  // HasScope alone: refused with insufficient_scope
	Fresh                  // Fresh alone: refused with a challenge to authenticate again
	ErrorCall              // a call that returns an error
	BoolErrorCall          // a call that returns a bool and an error
)

// A Step is one part of a guard that is evaluated at once.
type Step struct {
	Kind StepKind
	Bind []*Binding // to be bound before it, in this order
	Expr *Node
}

// Op is the operator of a Node.
type Op string

// The operators.
const (
	Leaf     Op = ""
	Not      Op = "!"
	And      Op = "&&"
	Or       Op = "||"
	Equal    Op = "=="
	NotEqual Op = "!="
	Paren    Op = "()"
)

// A Node is a boolean expression.
type Node struct {
	Op     Op
	X, Y   *Node   // operands; Y is nil for Not and Paren, both are nil for a leaf
	Pieces []Piece // of a leaf
}

// A Piece is a part of a Go expression. Exactly one of Text, Import, Binding, Receiver and Builtin is set.
type Piece struct {
	Text     string   // Go source
	Import   string   // the path of a package whose name stands here
	Binding  *Binding // a value that was bound before
	Receiver bool     // the handler's receiver
	Builtin  *Builtin // a call of a built-in guard

	Global bool   // Text is a name of the package, or a predeclared one
	Object string // what the identifier in Text resolves to, by place of declaration; "" where Text is no identifier
}

// A Builtin is a call of a built-in guard.
type Builtin struct {
	Name  string   // as users write it, such as "HasAnyPermission"
	Names []string // the permissions or scopes that it asks for
	Age   []Piece  // the argument of Fresh
}

// BindingKind says where a value comes from.
type BindingKind int

// The kinds of bindings.
const (
	Writer BindingKind = iota
	Request
	Context
	Principal
	Path
	Provided
)

// A Binding is a value that guards, providers and handlers take as a parameter.
type Binding struct {
	Kind BindingKind
	Name string // that the user gave it, or one made from its type

	Wildcard string     // of a Path
	Convert  Conversion // of a Path
	Type     []Piece    // of a Path

	Provider *Provider  // of a Provided
	Args     []*Binding // of the provider's call
}

// A Provider is a function whose result is bound.
type Provider struct {
	Name    string
	Method  bool   // of the receiver
	Import  string // the package it is in; "" for the package itself
	Error   bool   // it returns an error, too
	Nilable bool   // its result is a pointer or an interface, where nil means a fault
}

// Conversion says how a path value becomes a parameter.
type Conversion string

// The conversions, by the names of their functions in the run time.
const (
	PathString Conversion = "PathString"
	PathInt    Conversion = "PathInt"
	PathUint   Conversion = "PathUint"
	PathBool   Conversion = "PathBool"
	PathText   Conversion = "PathText"
	PathRest   Conversion = "PathRest" // of {name...}; cannot fail
)

// Name returns the receiver's name, "" for plain functions.
func (s *Server) Name() string {
	if s.Receiver == nil {
		return ""
	}
	return s.Receiver.Type
}

// Builtins calls f for every call of a built-in guard, from left to right.
func (n *Node) Builtins(f func(*Builtin)) {
	if n == nil {
		return
	}
	n.X.Builtins(f)
	n.Y.Builtins(f)
	for _, p := range n.Pieces {
		if p.Builtin != nil {
			f(p.Builtin)
		}
	}
}

// AllPieces calls f for every piece of the expression in the order of the text, also for those inside of built-in guards.
func (n *Node) AllPieces(f func(Piece)) {
	if n == nil {
		return
	}
	n.X.AllPieces(f)
	n.Y.AllPieces(f)
	eachPiece(n.Pieces, f)
}

func eachPiece(pieces []Piece, f func(Piece)) {
	for _, p := range pieces {
		f(p)
		if p.Builtin != nil {
			eachPiece(p.Builtin.Age, f)
		}
	}
}

// GuardedName returns the name of the generated type.
func (s *Server) GuardedName() string { return s.generatedName("Guarded") }

// ConstructorName returns the name of the function that makes the generated type.
func (s *Server) ConstructorName() string { return s.generatedName("NewGuarded") }

// generatedName puts a prefix before the receiver's name; the result is exported if the receiver is.
func (s *Server) generatedName(prefix string) string {
	name := []rune(s.Name())
	if len(name) == 0 || unicode.IsUpper(name[0]) {
		return prefix + string(name)
	}
	first := []rune(prefix)
	return string(unicode.ToLower(first[0])) + string(first[1:]) + string(unicode.ToUpper(name[0])) + string(name[1:])
}

// LowerFirst makes a name unexported: "Me" gives me, "HTTPStatus" gives httpStatus.
func LowerFirst(name string) string {
	r := []rune(name)
	for i := range r {
		if i > 0 && i+1 < len(r) && !unicode.IsUpper(r[i+1]) || !unicode.IsUpper(r[i]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}
