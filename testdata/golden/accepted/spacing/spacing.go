// Package spacing has guards that no formatter has seen.
//
//auth:backend s . Who
//auth:guard IsAuthenticated ( )
package spacing

import (
	"net/http"
	"strings"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /{name}
//auth:guard strings . HasPrefix(	name,"a")&&! ( name=="ab"  ==(name != "ac") )
func (s *Server) Show(w http.ResponseWriter, name string) { _ = strings.HasPrefix }
