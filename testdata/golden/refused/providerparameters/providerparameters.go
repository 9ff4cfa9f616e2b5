// Package providerparameters has providers whose own parameters are the problem.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package providerparameters

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// These are provided.
type (
	User    struct{}
	Session struct{}
	Team    struct{}
	Page    struct{}
)

//auth:provide
func session(w http.ResponseWriter) *Session { return nil }

//auth:provide
func user(p *runtime.Principal) (*User, error) { return nil, nil }

//auth:provide
func team(user *User) (*Team, error) { return nil, nil }

//auth:provide
func page(number int) (*Page, error) { return nil, nil }

//auth:route GET /a
func A(w http.ResponseWriter, session *Session) {}

//auth:route GET /b
//auth:guard AllowAny()
func B(w http.ResponseWriter, user *User) {}

//auth:route GET /c
//auth:guard AllowAny()
func C(w http.ResponseWriter, team *Team) {}

//auth:route GET /d
//auth:guard AllowAny() && user != nil
func D(w http.ResponseWriter, user *User) {}

//auth:route GET /e
func E(w http.ResponseWriter, page *Page) {}

//auth:route GET /f/{number}
func F(w http.ResponseWriter, page *Page, number string) {}
