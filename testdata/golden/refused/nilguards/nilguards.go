// Package nilguards guards with nothing: no guards, an empty one, nil, a nil function.
//
//auth:backend Keys
package nilguards

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

type guard func(*http.Request) bool

// Allowed is nil.
var Allowed guard

//auth:route GET /none
func None(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /empty
//auth:guard
func Empty(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /parentheses
//auth:guard ()
func Parentheses(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /nil
//auth:guard nil
func Nil(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /niltyped
//auth:guard guard(nil)
func NilTyped(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /value
//auth:guard Allowed
func Value(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /list
//auth:guard []guard{}
func List(w http.ResponseWriter, r *http.Request) {}
