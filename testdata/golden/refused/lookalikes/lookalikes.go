// Package lookalikes has guards of its own that look like the built-in ones.
//
//auth:backend Keys
package lookalikes

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// IsЅtaff holds for everyone.
func IsЅtaff() bool { return true }

// HаsPermission does, too.
func HаsPermission(string) bool { return true }

// A Server has one as a method.
type Server struct{}

func (Server) АllowAny() bool { return true }

//auth:route GET /a
//auth:guard IsЅtaff()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard IsAdminUser() || HаsPermission("a")
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard s.АllowAny()
func (s Server) C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard Freѕh
func D(w http.ResponseWriter, r *http.Request, Freѕh bool) {}
