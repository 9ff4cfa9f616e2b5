// Package crlf has lines that end as on Windows.
//
//auth:backend s.Who
package crlf

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

// Get is documented.
//
//auth:route GET /{id}
//auth:guard id > 1 && HasPermission("blog.view_article")
func (s *Server) Get(id int) int { return id }
