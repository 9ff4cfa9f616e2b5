// Package shadowedpackages declares names of its own that generated code would like to have.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package shadowedpackages

import (
	nethttp "net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = who.Backend{}

func http() bool { return true }

func runtime() bool { return true }

type errors struct{ n int }

var (
	g, w, r, p, s, call, ok, err, api, backends, options = "g", "w", "r", "p", "s", "call", "ok", "err", "api", "backends", "options"
	permBlogViewArticle                                  = "perm"
)

type Server struct{}

func (*Server) all(names ...string) bool { return len(names) == 11 }

//auth:route GET /all
//auth:guard http() && runtime() && srv.all(g, w, r, p, s, call, ok, err, api, backends, options)
func (srv *Server) All(rw nethttp.ResponseWriter) {}

//auth:route GET /errors
//auth:guard errors{1} == e && (HasPermission("blog.view_article") || permBlogViewArticle == p)
func (srv *Server) Errors(e errors) int { return e.n }

//auth:provide
func provide() errors { return errors{1} }

//auth:route GET /server
//auth:guard server == "server" && guarded == "guarded"
func (*Server) Server() {}

var server, guarded = "server", "guarded"
