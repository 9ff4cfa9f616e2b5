// Package providerchain has providers that need each other, shared ones among them, called once each in order of need.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package providerchain

import (
	"context"
	"net/http"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

// Trace notes which providers were called.
type Trace struct{ calls []string }

type Tenant struct{ trace *Trace }

type User struct{ tenant *Tenant }

type Order struct {
	user   *User
	tenant *Tenant
}

//auth:provide
func trace(r *http.Request) *Trace { return &Trace{} }

//auth:provide
func (s *Server) tenant(ctx context.Context, trace *Trace, tenantID string) (*Tenant, error) {
	trace.calls = append(trace.calls, "tenant "+tenantID)
	if tenantID == "none" {
		return nil, runtime.ErrNotFound
	}
	return &Tenant{trace: trace}, nil
}

//auth:provide
func (s *Server) user(p *runtime.Principal, t *Tenant) (*User, error) {
	t.trace.calls = append(t.trace.calls, "user "+p.UserID())
	return &User{tenant: t}, nil
}

//auth:provide
func (s *Server) order(u *User, tenant *Tenant, id int) (*Order, error) {
	tenant.trace.calls = append(tenant.trace.calls, "order")
	return &Order{user: u, tenant: tenant}, nil
}

func (o *Order) of(u *User) bool { return o.user == u && o.tenant == u.tenant }

//auth:route GET /{tenantID}/orders/{id}
//auth:guard order.of(user)
//auth:guard IsStaff() || tenant == order.tenant
func (s *Server) Show(trace *Trace, order *Order, user *User, tenant *Tenant, id int) string {
	return strings.Join(trace.calls, ", ")
}

//auth:route GET /{tenantID}/latest/{id}
func (s *Server) Latest(order *Order) string {
	return strings.Join(order.tenant.trace.calls, ", ")
}
