// Package providerimported takes providers from another package of the module.
//
//auth:backend lib.Backend
//auth:guard IsAuthenticated()
package providerimported

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/providerimported/lib"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

//auth:route GET /user
//auth:guard user.Name != lib.Nobody
func (s *Server) User(user *lib.User) string { return user.Name }

//auth:route GET /items/{id}
//auth:guard HasPermission(lib.View) || user.Name == "user"
func (s *Server) Item(w http.ResponseWriter, r *http.Request, item lib.Item, user *lib.User) {}
