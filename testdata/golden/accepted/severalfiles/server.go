package severalfiles

import (
	"strings"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

//auth:permissions
const (
	View = "blog.view_article"
	Edit = "blog.change_article"
)

type Server struct {
	Who     *who.Backend
	guarded *GuardedServer
}

// New returns what this package serves. It uses what is generated.
func New() (*GuardedServer, error) {
	s := &Server{Who: &who.Backend{Prefix: strings.ToLower("")}}
	g, err := NewGuardedServer(s)
	s.guarded = g
	return g, err
}
