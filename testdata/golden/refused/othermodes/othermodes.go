// Package othermodes has handlers with names that generated code uses for itself.
//
//auth:backend g.Keys
//auth:guard g.open(call)
package othermodes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

type call struct{ Keys runtime.Authenticator }

func (g *call) open(r *http.Request) bool { return true }

//auth:route GET /a
func (g *call) A(w http.ResponseWriter, call *http.Request) {}
