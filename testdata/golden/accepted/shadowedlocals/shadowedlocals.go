// Package shadowedlocals has parameters called like the variables of generated functions, and like predeclared names.
//
//auth:backend backend
package shadowedlocals

import (
	"context"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type Server struct{}

func (s *Server) ask(id string) (bool, error) { return id != "no", nil }

//auth:route GET /one/{err}/{w}/{r}/{p}/{s}/{g}
//auth:guard err != w && r != p && s != g && IsAuthenticated()
func (srv *Server) One(err, w, r, p, s, g string) (string, error) {
	return err + w + r + p + s + g, nil
}

//auth:route GET /two/{call}/{ok}/{holds}/{result}/{maxAge}
//auth:guard srv.ask(ok) && call != holds && result != ok && HasAnyPermission("ok", "blog.view_article")
func (srv *Server) Two(call, ok, holds, result, maxAge string) (string, error) {
	return call + ok + holds + result + maxAge, nil
}

//auth:route GET /three/{nil}/{true}/{len}/{error}/{any}
//auth:guard nil != "x" && true == "t" && len != error && any > 0
func (srv *Server) Three(nil, true, len, error string, any int) string {
	return nil + true + len + error
}

//auth:route GET /four/{string}/{int}
//auth:guard string != "no" && int > 3
func (srv *Server) Four(string string, int int) string { return string }

//auth:route GET /kinds/{id}
//auth:guard call.Method == "GET" && err.UserID() != "staff" && ok.Err() == nil && srv.ask(id)
func (srv *Server) Kinds(w http.ResponseWriter, call *http.Request, err *runtime.Principal, ok context.Context, id string) error {
	return nil
}

//auth:route GET /swapped
//auth:guard w.Method == "GET" && r.UserID() == "user"
func (srv *Server) Swapped(w *http.Request, r *runtime.Principal, p http.ResponseWriter) {}

//auth:route GET /names/{server}/{api}/{swapped}/{GuardedServer}/{NewGuardedServer}
//auth:guard server + api + swapped != GuardedServer && NewGuardedServer != ""
func (srv *Server) Names(server, api, swapped, GuardedServer, NewGuardedServer string) string {
	return GuardedServer
}
