// Package ownership negates what a provider that fails would decide.
//
//auth:backend Keys
package ownership

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// These are provided, or not.
type (
	User    struct{ ID int64 }
	Article struct{ Author int64 }
)

//auth:provide
func user(p *runtime.Principal) (*User, error) { return nil, nil }

func owns(u *User, a *Article) (bool, error) { return u.ID == a.Author, nil }

//auth:route GET /a
//auth:guard !owns(user, article)
func A(w http.ResponseWriter, user *User, article *Article) {}

//auth:route GET /b
//auth:guard user.ID == 1 || owns(user, nil)
func B(w http.ResponseWriter, user *User) {}

//auth:route GET /c
//auth:guard AllowAny() && user.ID == 1
func C(w http.ResponseWriter, user *User) {}

//auth:route GET /d
//auth:guard user.Id == 1
func D(w http.ResponseWriter, user *User) {}

//auth:route GET /e
//auth:guard usr.ID == 1
func E(w http.ResponseWriter, user *User) {}
