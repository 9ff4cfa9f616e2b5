package runtime

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
)

// An Identity is what an authentication backend knows about whoever sent a request. [NewPrincipal] makes a principal
// of it.
type Identity struct {
	UserID      string         // stable id of the user or client; "" is nobody, whatever else is set
	Staff       bool           // holds for the guard IsStaff
	Superuser   bool           // holds for the guard IsAdminUser; does not imply any permission
	Backend     string         // name of the backend that accepted the credential, such as "jwt"
	Permissions []string       // names of permissions, such as "blog.view_article"
	Claims      map[string]any // claims of the credential as JSON values; "scope" holds the OAuth 2.0 scopes; nil if there are none
	AuthTime    time.Time      // when the user proved who they are; zero if unknown
	Ambient     bool           // the browser sent the credential by itself: cookie, Basic, client certificate
}

// A Principal is who sent a request: a user, another service, or nobody.
//
// It is immutable, safe for concurrent use, and may be shared between requests. A nil *Principal and the zero
// Principal are the anonymous one: not authenticated, with no right and no claim.
type Principal struct {
	userID      string
	backend     string
	staff       bool
	superuser   bool
	ambient     bool
	authTime    time.Time
	permissions nameSet
	scopes      nameSet
	claims      map[string]any
	text        strictjson.Accepted // what claims are decoded from, or empty
	decode      sync.Once
}

// anonymous is shared by all requests without accepted credentials.
var anonymous = new(Principal)

// Anonymous returns the principal of requests that carry no accepted credential.
func Anonymous() *Principal { return anonymous }

// NewPrincipal returns a principal with this identity, or the anonymous one if UserID is empty. Permissions and
// claims are copied, to their depth: maps and slices of any type, and what is in them. Claim values of other types
// are kept as they are and must never change.
//
// It panics if claims contain themselves.
func NewPrincipal(id Identity) *Principal {
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
		claims:    copyClaims(id.Claims),
	}
	p.permissions.fill(slices.Clone(id.Permissions), &permissionNames)
	p.scopes.fill(scopesOf(p.claims["scope"]), &scopeNames)
	return p
}

// scopesOf reads the value of a scope claim: names separated by spaces (RFC 8693 section 4.2), or a list of names as
// several issuers write it. Whatever else it is, a list with something that is no string included, it holds no
// scopes.
func scopesOf(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return strings.FieldsFunc(claim, func(r rune) bool { return r == ' ' })
	case []string:
		return claim
	case []any:
		scopes := make([]string, 0, len(claim))
		for _, element := range claim {
			scope, ok := element.(string)
			if !ok {
				return nil
			}
			scopes = append(scopes, scope)
		}
		return scopes
	}
	return nil
}

// orAnonymous makes methods work on nil.
func (p *Principal) orAnonymous() *Principal {
	if p == nil {
		return anonymous
	}
	return p
}

// IsAuthenticated reports whether a backend accepted the request's credential.
func (p *Principal) IsAuthenticated() bool { return p != nil && p.userID != "" }

// IsStaff reports whether the principal is a member of staff.
func (p *Principal) IsStaff() bool { return p != nil && p.staff }

// IsSuperuser reports whether the principal is a superuser. A superuser has the permissions that it was given and no
// others.
func (p *Principal) IsSuperuser() bool { return p != nil && p.superuser }

// UserID returns the id of the user or client, and "" for the anonymous principal.
func (p *Principal) UserID() string { return p.orAnonymous().userID }

// Backend returns the name of the backend that accepted the credential, and "" for the anonymous principal.
func (p *Principal) Backend() string { return p.orAnonymous().backend }

// AuthTime returns when the user proved who they are. It is zero if that is unknown.
func (p *Principal) AuthTime() time.Time { return p.orAnonymous().authTime }

// Ambient reports whether the browser sent the credential by itself, so that another site can have caused the request.
func (p *Principal) Ambient() bool { return p != nil && p.ambient }

// Permissions returns the names of the principal's permissions, as its backend gave them. The slice is the caller's
// own.
func (p *Principal) Permissions() []string { return slices.Clone(p.orAnonymous().permissions.names) }

// HasPermission reports whether the principal has the permission of this name. Nobody has the empty one. Names are
// compared byte by byte.
func (p *Principal) HasPermission(name string) bool { return p != nil && p.permissions.contains(name) }

// Has reports whether the principal has the permission.
func (p *Principal) Has(permission Permission) bool {
	return p != nil && p.permissions.has(permission.name)
}

// HasScope reports whether the credential was given this OAuth 2.0 scope: whether it is in the claim "scope".
func (p *Principal) HasScope(scope Scope) bool { return p != nil && p.scopes.has(scope.name) }

// Fresh reports whether the user proved who they are within the last d. It is false if the time of that is unknown or
// in the future, or d is not positive.
func (p *Principal) Fresh(d time.Duration) bool {
	if p == nil || p.authTime.IsZero() || d <= 0 {
		return false
	}
	age := time.Since(p.authTime)
	return age >= 0 && age <= d
}

// Claim returns the claim of this name, and whether there is one. A map or slice is a copy, the caller's own.
func (p *Principal) Claim(name string) (any, bool) {
	value, ok := p.orAnonymous().allClaims()[name]
	return copyClaim(value, 0), ok
}

// MarshalJSON encodes the principal under the names of django-bolt's request context:
// user_id, is_staff, is_superuser, auth_backend, permissions, and auth_claims where there are claims.
// The anonymous principal is {"user_id": null}.
func (p *Principal) MarshalJSON() ([]byte, error) {
	if !p.IsAuthenticated() {
		return []byte(`{"user_id":null}`), nil
	}
	permissions := p.permissions.names
	if permissions == nil {
		permissions = []string{}
	}
	return json.Marshal(struct {
		UserID      string         `json:"user_id"`
		Staff       bool           `json:"is_staff"`
		Superuser   bool           `json:"is_superuser"`
		Backend     string         `json:"auth_backend"`
		Permissions []string       `json:"permissions"`
		Claims      map[string]any `json:"auth_claims,omitempty"`
	}{p.userID, p.staff, p.superuser, p.backend, permissions, p.allClaims()})
}

// String names the principal for people. Like all ways to print a principal it leaves out claims, so that they do not
// end in a log.
func (p *Principal) String() string {
	if !p.IsAuthenticated() {
		return "anonymous"
	}
	return fmt.Sprintf("%q by %q", p.userID, p.backend)
}

// GoString is String, for the verb %#v.
func (p *Principal) GoString() string { return "runtime.Principal(" + p.String() + ")" }

// LogValue logs the id and the backend only.
func (p *Principal) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user_id", p.UserID()), slog.String("auth_backend", p.Backend()))
}
