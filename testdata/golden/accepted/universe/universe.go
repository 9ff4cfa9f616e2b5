// Package universe declares predeclared names anew, as a package may.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package universe

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type string_ = string

func max(a, b int) int { return a - b }

const iota = 3

//auth:route GET /{n}
//auth:guard max(n, 1) == iota
func (s *Server) Show(n int) string_ { return "shown" }
