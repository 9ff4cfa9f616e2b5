// Package neverholdslevels has handlers whose own guards contradict the defaults.
//
//auth:backend Keys
//auth:guard HasPermission(A)
package neverholdslevels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A is a permission.
const A = "a"

//auth:route GET /get
//auth:guard !HasPermission(A)
func Get(http.ResponseWriter, *http.Request) {}

// Server contradicts the package, which is said of each of its handlers.
//
//auth:guard IsStaff() && !HasAnyPermission(A, "b")
type Server struct{}

//auth:route GET /one
func (Server) One(http.ResponseWriter, *http.Request) {}

//auth:route GET /two
//auth:guard IsAdminUser()
func (Server) Two(http.ResponseWriter, *http.Request) {}

//auth:route GET /three
//auth:replace the package's guard is for others
//auth:guard !HasPermission(A)
func (Server) Three(http.ResponseWriter, *http.Request) {}
