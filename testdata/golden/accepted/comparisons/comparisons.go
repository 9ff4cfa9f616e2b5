// Package comparisons has every form of comparison as a step, below ! and in parentheses: the negation must be the right one.
//
//auth:backend s.Who
package comparisons

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who  *who.Backend
	Max  float64
	Next *Server
}

func (s *Server) limit() float64 { return s.Max }

//auth:route GET /eq/{a}/{b}
//auth:guard a == b
func (s *Server) Eq(a, b int) {}

//auth:route GET /ne/{a}/{b}
//auth:guard a != b
func (s *Server) Ne(a, b int) {}

//auth:route GET /lt/{a}/{b}
//auth:guard a < b
func (s *Server) Lt(a, b int) {}

//auth:route GET /le/{a}/{b}
//auth:guard a <= b
func (s *Server) Le(a, b int) {}

//auth:route GET /gt/{a}/{b}
//auth:guard a > b
func (s *Server) Gt(a, b int) {}

//auth:route GET /ge/{a}/{b}
//auth:guard a >= b
func (s *Server) Ge(a, b int) {}

//auth:route GET /noteq/{a}/{b}
//auth:guard !(a == b)
func (s *Server) NotEq(a, b int) {}

//auth:route GET /notlt/{a}/{b}
//auth:guard !(a < b)
func (s *Server) NotLt(a, b int) {}

//auth:route GET /notnot/{a}/{b}
//auth:guard !!(a < b)
func (s *Server) NotNot(a, b int) {}

//auth:route GET /parens/{a}/{b}
//auth:guard ((a == b))
func (s *Server) Parens(a, b int) {}

//auth:route GET /bools/{a}/{b}
//auth:guard a == b
func (s *Server) Bools(a, b bool) {}

//auth:route GET /xor/{a}/{b}
//auth:guard (a < 3) == (b < 3)
func (s *Server) Xor(a, b int) {}

//auth:route GET /math/{a}/{b}
//auth:guard a+b*2 == 7 || a-b<<1 >= 40 || ^a&b == 99
func (s *Server) Math(a, b int) {}

//auth:route GET /limit/{a}
//auth:guard float64(a) < s.limit() && s.Next == nil && nil == s.Next && !(s.Next != nil)
func (s *Server) Limit(a int) {}

//auth:route GET /precedence/{a}/{b}
//auth:guard a == 1 || b == 1 && a == 2
func (s *Server) Precedence(a, b int) {}

//auth:route GET /group/{a}/{b}
//auth:guard (a == 1 || b == 1) && a == 2
func (s *Server) Group(a, b int) {}

//auth:route GET /notgroup/{a}/{b}
//auth:guard !(a == 1 && b == 1) && !(a == 2 || b == 2)
func (s *Server) NotGroup(a, b int) {}
