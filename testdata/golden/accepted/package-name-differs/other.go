// Package other lies in a folder of another name, which is no identifier.
//
//auth:backend s.Who
package other

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/package-name-differs/sub-lib"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /
//auth:guard sublib.Yes() && value.OK
func (s *Server) Index(w http.ResponseWriter, value sublib.Value) {}
