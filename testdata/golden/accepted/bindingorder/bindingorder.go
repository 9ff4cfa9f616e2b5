// Package bindingorder shows that nothing is bound before the step that needs it, and nothing twice.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package bindingorder

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type First struct{ n int }

type Second struct{ n int }

//auth:provide
func (s *Server) first(r *http.Request) (*First, error) {
	if r.URL.Query().Has("first") {
		return nil, runtime.ErrNotFound
	}
	return &First{1}, nil
}

//auth:provide
func (s *Server) second(f *First, r *http.Request) (*Second, error) {
	if r.URL.Query().Has("second") {
		return nil, runtime.ErrUnavailable
	}
	return &Second{f.n + 1}, nil
}

//auth:route GET /order/{id}/{key}
//auth:guard IsStaff() || HasPermission("blog.view_article")
//auth:guard id > 0 && first.n == 1
//auth:guard IsStaff() || second.n == id
func (s *Server) Order(key int8, second *Second, first *First, id int) int { return id }
