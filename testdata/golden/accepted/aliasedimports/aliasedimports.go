// Package aliasedimports imports under other names, and lets a default mean the same package in another file.
//
//auth:backend principals.Backend{}
//auth:guard str.ToLower("A") == "a" && IsAuthenticated()
package aliasedimports

import (
	"context"
	str "strings"

	rt "github.com/boltauthgen/boltauthgen/runtime"
	principals "github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *principals.Backend
}

// Lower makes use of an import.
func Lower(s string) string { return str.ToLower(s) }

//auth:route GET /one
//auth:guard p != nil && rt.FromContext(ctx) == p
func (s *Server) One(ctx context.Context, p *rt.Principal) {}
