// Package samevalue asks one provider for two parameters, which a guard would compare with each other.
//
//auth:backend Keys
package samevalue

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// User is a user.
type User struct{ ID int }

// Pair is two users.
type Pair struct{ A, B *User }

//auth:provide
func user(*runtime.Principal) (*User, error) { return &User{}, nil }

//auth:provide
func pair(a, b *User) Pair { return Pair{a, b} }

//auth:route GET /own
//auth:guard user.ID == owner.ID
func Own(w http.ResponseWriter, user, owner *User) {}

//auth:route GET /pair
//auth:guard pair.A == pair.B
func Both(w http.ResponseWriter, pair Pair) {}
