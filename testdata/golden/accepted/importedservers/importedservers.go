// Package importedservers embeds the guarded server of another package, and names generated types in its declarations.
//
//auth:backend s.Inner.Who
//auth:guard IsAuthenticated()
package importedservers

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/importedservers/inner"
)

type Server struct {
	Inner   *inner.Server
	guarded *inner.GuardedServer
	self    *GuardedServer
}

// Self is what serves s.
func (s *Server) Self() *GuardedServer { return s.self }

var _ http.Handler = (*inner.GuardedServer)(nil)

//auth:route /inner/
func (s *Server) Forward(w http.ResponseWriter, r *http.Request, id inner.ID) {
	s.guarded.ServeHTTP(w, r)
}

//auth:route GET /own
//auth:guard s.Inner != nil && id.Good()
func (s *Server) Own(id inner.ID) inner.ID { return id }
