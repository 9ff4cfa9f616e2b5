// Package errorguards negates and weakens guards that fail, the way a reader overlooks.
//
//auth:backend Keys
//auth:guard AllowAny
package errorguards

import (
	"errors"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// ErrDenied is an error.
var ErrDenied = errors.New("denied")

func errorGuard() error { return nil }

func three() (bool, string, error) { return true, "", nil }

type myError struct{}

func (*myError) Error() string { return "" }

func mine() *myError { return nil }

//auth:route GET /a
//auth:guard !errorGuard()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard errorGuard() || IsStaff()
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard ErrDenied
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard three()
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard mine()
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard IsStaff() == errorGuard()
func F(http.ResponseWriter, *http.Request) {}
