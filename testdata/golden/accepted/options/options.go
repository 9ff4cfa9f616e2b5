// Package options gives a server every option: who answers errors, who hears of decisions, what contexts carry.
//
//auth:backend s.Who
package options

import (
	"context"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type key struct{}

type Tenant string

//auth:provide optional
func tenant(ctx context.Context) Tenant { return ctx.Value(key{}).(Tenant) }

//auth:route GET /tenant
//auth:guard tenant != "staff" && IsAuthenticated()
func (s *Server) Tenant(tenant Tenant) Tenant { return tenant }

//auth:route GET /fails
//auth:guard AllowAny()
func (s *Server) Fails(context.Context) error { return runtime.ErrNotFound }
