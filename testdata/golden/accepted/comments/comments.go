// Package comments has directives between other comments, other directives and no documentation at all.
//
//	//auth:guard shown in documentation, which is no directive
//
//auth:backend s.Who
package comments

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct{ Who *who.Backend }

// A comment that belongs to nothing.

//go:noinline
//auth:route GET /first
//nolint:all
//auth:guard IsStaff()
func (s *Server) First() {}

/*
Second has a block comment.
*/
//auth:route GET /second
//auth:guard IsStaff()
func (s *Server) Second() {}

// Third has its documentation below.
//
// And more of it.
//
//auth:guard IsStaff()
//auth:route GET /third
func (s *Server) Third() {}

// Fourth ends with an empty line.
//
//auth:route GET /fourth
//auth:guard IsStaff()
func (s *Server) Fourth() {}

//auth:provide
func text() string { return "text" } // a comment behind it

//auth:ignore it only looks like one
func (s *Server) Ignored() {}

//auth:route   GET    /spaces
//auth:guard	IsStaff( )   ||HasPermission( "blog.view_article" )&&text!=""
func (s *Server) Spaces(text string) string { return text }
