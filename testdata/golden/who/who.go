// Package who lets the requests of golden cases say who they are: the header X-Who names one of a few principals.
package who

import (
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Backend accepts the principals of the table below.
type Backend struct {
	Prefix string // accepts "PREFIX:NAME" only, if set
}

var principals = map[string]runtime.Identity{
	"user":   {UserID: "user"},
	"staff":  {UserID: "staff", Staff: true},
	"root":   {UserID: "root", Superuser: true},
	"viewer": {UserID: "viewer", Permissions: []string{"blog.view_article"}},
	"editor": {UserID: "editor", Permissions: []string{"blog.view_article", "blog.change_article", "blog.delete_article"}},
	"reader": {UserID: "reader", Claims: map[string]any{"scope": "read write"}},
	"lately": {UserID: "lately", AuthTime: time.Now().Add(-time.Minute)},
	"1":      {UserID: "1"},
}

// Name is part of runtime.Authenticator.
func (Backend) Name() string { return "who" }

// Authenticate is part of runtime.Authenticator.
func (b Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	name := r.Header.Get("X-Who")
	if name == "" {
		return nil, runtime.ErrNoCredentials
	}
	if b.Prefix != "" {
		if len(name) <= len(b.Prefix) || name[:len(b.Prefix)+1] != b.Prefix+":" {
			return nil, runtime.ErrInvalidCredentials
		}
		name = name[len(b.Prefix)+1:]
	}
	id, ok := principals[name]
	switch {
	case name == "revoked":
		return nil, runtime.ErrRevoked
	case name == "down":
		return nil, runtime.ErrUnavailable
	case !ok:
		return nil, runtime.ErrInvalidCredentials
	}
	id.Backend = "who"
	return runtime.NewPrincipal(id), nil
}

// Challenge is part of runtime.Authenticator.
func (Backend) Challenge(*http.Request, error) string { return "Who" }
