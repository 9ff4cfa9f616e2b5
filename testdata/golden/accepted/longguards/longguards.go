// Package longguards has a guard of many operands, deeply nested, with variadic calls and lists.
//
//auth:backend s.Who
package longguards

import (
	"slices"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who   *who.Backend
	Names []string
}

func anyOf(name string, names ...string) bool { return slices.Contains(names, name) }

//auth:route GET /long/{a}/{b}/{c}/{d}
//auth:guard (((a == 1 || b == 2) && (c == 3 || d == 4)) || (a == 5 && (b == 6 || (c == 7 && !(d == 8))))) && (IsStaff() || HasPermission("blog.view_article") || a+b+c+d > 10 || (a < b && b < c && c < d))
func (s *Server) Long(a, b, c, d int) {}

//auth:route GET /variadic/{name}
//auth:guard anyOf(name) || anyOf(name, "a", "b") || anyOf(name, s.Names...) || anyOf(name, []string{"d"}...) || anyOf(name, append([]string(nil), "e")...)
func (s *Server) Variadic(name string) {}

//auth:route GET /same/{a}
//auth:guard a != 1 && a != 2 && a != 3
//auth:guard a != 4 && (a != 5) && !(a == 6)
func (s *Server) Same(a int) {}
