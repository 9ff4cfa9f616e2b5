package docfile

import (
	"strings"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

var levels = map[string]string{"x": strings.ToLower("X")}

func level(s string) int { return len(levels[s]) }

//auth:route GET /x
func (s *Server) Get() string { return "x" }
