package runtime

import (
	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

// NewTokenPrincipal is [NewPrincipal] for the backends of this module that verify tokens; nobody else can name the type of its text. It
// spares what most requests never ask for: claims stay the text that they arrived in until one of them is asked for, and permissions are
// not copied, so they must not change. The scope is the value of the claim of that name, nil if there is none; Identity.Claims counts for
// nothing. Numbers among the claims are json.Number.
func NewTokenPrincipal(id Identity, scope any, claims strictjson.Accepted) *Principal {
	if id.UserID == "" {
		return anonymous
	}
	p := &Principal{
		userID:    id.UserID,
		backend:   id.Backend,
		staff:     id.Staff,
		superuser: id.Superuser,
		ambient:   id.Ambient,
		authTime:  id.AuthTime,
		text:      claims,
	}
	p.permissions.fill(id.Permissions, &permissionNames)
	p.scopes.fill(scopesOf(scope), &scopeNames)
	return p
}

// allClaims returns the claims, which must not be changed.
func (p *Principal) allClaims() map[string]any {
	if p.text != "" {
		p.decode.Do(func() { p.claims = p.text.Decode() })
	}
	return p.claims
}
