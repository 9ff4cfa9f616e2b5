// Package expressions has Go of every kind in its guards.
//
//auth:backend s.Who
package expressions

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who   *who.Backend
	Flags map[string]bool
	Lists [][]string
	Ptr   *bool
	Any   any
	Func  func(string) bool
	Point Point
}

type Point struct{ X, Y int }

// Sum adds.
func (p Point) Sum() int { return p.X + p.Y }

type Role string

const admin Role = "admin"

type set[T comparable] map[T]bool

func (s set[T]) has(v T) bool { return s[v] }

func one[T any](v T) []T { return []T{v} }

func pick[K comparable, V any](m map[K]V, k K) V { return m[k] }

//auth:route GET /index
//auth:guard s.Flags["on"] && !s.Flags["off"] && s.Lists[0][1:][0] == "b"
func (s *Server) Index() {}

//auth:route GET /pointer
//auth:guard *s.Ptr && !!*s.Ptr
func (s *Server) Pointer() {}

//auth:route GET /assert
//auth:guard s.Any.(bool)
func (s *Server) Assert() {}

//auth:route GET /call
//auth:guard s.Func("x") && (s.Func)("y") && (*Server).yes(s) && s.yes()
func (s *Server) Call() {}

func (s *Server) yes() bool { return true }

//auth:route GET /literal
//auth:guard s.Point == Point{1, 2} && (Point{X: 1, Y: 2}) == s.Point && Point{1, 1}.Sum() == 2 && []int{3}[0] == 3
//auth:guard [...]string{"a", "b"}[1] == "b" && map[string]Point{"p": {1, 2}}["p"].Y == 2 && !(Point{} == s.Point) && (&Point{2, 2}).Sum() == 4
//auth:guard Point{} != s.Point || struct{ A int }{1} == struct{ A int }{2}
func (s *Server) Literal() {}

//auth:route GET /convert/{role}
//auth:guard Role(role) == admin || Role(strings.ToLower(role)) == "user" || string([]byte{'x'}) == role
func (s *Server) Convert(role string) {}

//auth:route GET /generic/{role}
//auth:guard set[string]{"a": true}.has(role) || slices.Contains(one[string]("b"), role) || pick(map[string]bool{"c": true}, role) || pick[string, bool](s.Flags, role)
func (s *Server) Generic(role string) {}

//auth:route GET /imported/{role}
//auth:guard strings.HasPrefix(role, "a") && len(strings.Split(role, ",")) < 3 && time.Duration(len(role))*time.Second < time.Minute
func (s *Server) Imported(role string) {}

//auth:route GET /strings/{role}
//auth:guard role != "//" && role != `/* "` && role != "*/" && role != "}" && role != "\"\u00e9\"" && role[0] != '"' && role != "ünï"
func (s *Server) Strings(role string) {}

//auth:route GET /claims
//auth:guard p.UserID() == "user" && r.Header.Get("X-Who") == p.UserID() && runtime.FromContext(r.Context()) == p
func (s *Server) Claims(r *http.Request, p *runtime.Principal) {}

//auth:route GET /predeclared/{n}
//auth:guard max(n, 3) == 3 && min(n, 1) == 1 && len("abc") == 3+n*0 && cap([]int(nil)) == 0*n
func (s *Server) Predeclared(n int) {}

// Keys makes use of an import.
func Keys(m map[string]bool) []string { return slices.Collect(maps.Keys(m)) }

// Lower makes use of an import.
func Lower(s string) (string, time.Duration) { return strings.ToLower(s), 0 }
