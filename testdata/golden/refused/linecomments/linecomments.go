// Package linecomments says that it comes from elsewhere; problems are where they are.
//
//auth:backend Keys
package linecomments

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//line other.go:100
//auth:route GET /a
//auth:guard IsStaf()
func A(http.ResponseWriter, *http.Request) {}

/*line template.tmpl:7:3*/ //auth:guard IsStaff()

//auth:route GET /a
//auth:guard IsStaff()
func B(w http.ResponseWriter, user *http.Client) {}
