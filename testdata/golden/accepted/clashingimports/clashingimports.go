// Package clashingimports imports packages of one name, and one that other files call otherwise.
//
//auth:backend srv.Who
package clashingimports

import (
	"html/template"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/clashingimports/lib/errors"
	http "github.com/boltauthgen/boltauthgen/testdata/golden/accepted/clashingimports/lib/http2"
	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/clashingimports/lib/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /html/{s}
//auth:guard template.HTMLEscapeString(s) == s && runtime.Holds(s) && errors.None(s) && http.Fine(s)
func (srv *Server) HTML(s string, v errors.Value) template.HTML { return template.HTML(v) }

// Status makes use of an import.
func Status(http.ResponseWriter) bool { return runtime.Holds("") }
