// Package shadowedimports has parameters called like the packages that generated code imports.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package shadowedimports

import (
	"context"
	gohttp "net/http"

	rt "github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type Server struct{}

//auth:route GET /path/{runtime}/{http}/{errors}
//auth:guard runtime != http && errors == "x"
func (s *Server) Path(runtime, http, errors string) string { return runtime + http + errors }

//auth:route GET /kinds
//auth:guard runtime.Method == "GET" && errors.UserID() != "staff" && context.Err() == nil
func (s *Server) Kinds(http gohttp.ResponseWriter, runtime *gohttp.Request, errors *rt.Principal, context context.Context) {
}

//auth:route GET /unused/{http}
func (runtime *Server) Unused(http int) (int, error) { return http, nil }
