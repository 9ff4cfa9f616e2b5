// Package parameters has handlers with parameters of every kind, in any order, and more than once.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package parameters

import (
	"context"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /none
func (s *Server) None() {}

//auth:route GET /writer
func (s *Server) Writer(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }

//auth:route GET /request
func (s *Server) Request(r *http.Request) string { return runtime.FromContext(r.Context()).UserID() }

//auth:route GET /context
func (s *Server) Context(ctx context.Context) string { return runtime.FromContext(ctx).UserID() }

//auth:route GET /principal
func (s *Server) Principal(who *runtime.Principal) string { return who.UserID() }

//auth:route GET /all/{id}
//auth:guard r.Context() == ctx && p.UserID() != "staff" && ctx.Err() == nil
func (s *Server) All(p *runtime.Principal, id int, ctx context.Context, r *http.Request, w http.ResponseWriter) {
	fmt.Fprint(w, id, p == runtime.FromContext(ctx), r.Context() == ctx)
}

//auth:route GET /twice/{id}
//auth:guard a.Host != "" && b.Host != "" && c.IsAuthenticated() && !d.IsStaff()
func (s *Server) Twice(a, b *http.Request, c, d *runtime.Principal, id int64, e, f context.Context, w, x http.ResponseWriter) {
	fmt.Fprint(w, e == f, w == x)
}
