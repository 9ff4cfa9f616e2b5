// Package functionnames has functions as handlers and providers whose names generated code would like to have.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package functionnames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = who.Backend{}

type User struct{ Name string }

//auth:provide
func user(r *http.Request, p *runtime.Principal) (*User, error) { return &User{p.UserID()}, nil }

//auth:route GET /r
//auth:guard user.Name != "staff"
func r(user *User) string { return user.Name }

//auth:route GET /call/{p}
//auth:guard p == user.Name
func call(p string, user *User) (string, error) { return p, nil }

//auth:route GET /g
func g(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /api
func api() {}

//auth:route GET /err
func err() error { return nil }

//auth:route GET /result
func result() (int, error) { return 1, nil }

//auth:route GET /options
func options(options *User) string { return options.Name }

//auth:route GET /backends
func backends() {}
