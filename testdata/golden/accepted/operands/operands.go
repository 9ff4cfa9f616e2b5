// Package operands has operands whose types are written out, where an if statement could misread their braces.
//
//auth:backend s.Who
package operands

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
	A   any
	F   func() bool
	M   map[Key]bool
	G   map[Key]map[Key]bool
}

type Key struct{ K string }

type Pair[A, B any] struct {
	A A
	B B
}

// Is is a guard.
func (k Key) Is(o Key) bool { return k == o }

// Check is a guard.
func (k *Key) Check(o ...Key) error { return nil }

//auth:route GET /map/{k}
//auth:guard s.M[Key{k}] && s.G[Key{k}][Key{K: k}]
func (s *Server) Map(k string) {}

//auth:route GET /method/{k}
//auth:guard Key{k}.Is(Key{"a"}) && (&Key{k}).Check(Key{}, Key{"b"})
func (s *Server) Method(k string) {}

//auth:route GET /interface
//auth:guard s.A != any(Key{}) && s.A.(Key) == Key{"x"} && s.A.(interface{ Is(Key) bool }).Is(Key{"x"})
func (s *Server) Interface() {}

//auth:route GET /struct/{k}
//auth:guard struct{ K string }{k} == struct{ K string }{"a"}
func (s *Server) Struct(k string) {}

//auth:route GET /generic/{k}
//auth:guard Pair[string, Key]{k, Key{k}} == Pair[string, Key]{"a", Key{"a"}} && *new(Key) == Key{}
func (s *Server) Generic(k string) {}

//auth:route GET /func
//auth:guard s.F() && s.F != nil && (func() bool)(s.F)()
func (s *Server) Func() {}

//auth:route GET /not/{k}
//auth:guard !Key{k}.Is(Key{"b"}) && !(Key{k} == Key{"c"}) && Key{k} != Key{"d"} && (Key{k} != Key{"e"} || IsStaff())
func (s *Server) Not(k string) {}
