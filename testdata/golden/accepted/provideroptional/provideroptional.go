// Package provideroptional has a provider that serves anonymous requests, too, and one below it.
//
//auth:backend s.Who
package provideroptional

import (
	"context"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type Visitor struct{ Name string }

type Theme string

//auth:provide optional
func (s *Server) visitor(ctx context.Context, p *runtime.Principal) (*Visitor, error) {
	if runtime.FromContext(ctx) != p {
		return nil, runtime.ErrBadRequest
	}
	if !p.IsAuthenticated() {
		return &Visitor{Name: "anonymous"}, nil
	}
	return &Visitor{Name: p.UserID()}, nil
}

//auth:provide
func theme(v *Visitor) Theme { return Theme("theme of " + v.Name) }

//auth:route GET /theme
//auth:guard AllowAny()
func (s *Server) Theme(theme Theme) Theme { return theme }

//auth:route GET /mine
//auth:guard AllowAny() && visitor.Name != "anonymous"
func (s *Server) Mine(visitor *Visitor) string { return visitor.Name }

//auth:route GET /guarded
//auth:guard IsStaff()
func (s *Server) Guarded(theme Theme) Theme { return theme }
