// Package allowany serves everyone: with backends, without, and whatever becomes of a credential.
//
//auth:backend who.Backend{}
package allowany

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

//auth:route GET /public
//auth:guard AllowAny()
func Public(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /who
//auth:guard AllowAny()
func Who(p *runtime.Principal) string { return p.UserID() }

//auth:route GET /nobackend
//auth:guard AllowAny()
//auth:backend none
func NoBackend(p *runtime.Principal) string { return p.UserID() }

// User is who asks, or nobody.
type User struct{ Name string }

//auth:provide optional
func user(p *runtime.Principal) *User {
	if !p.IsAuthenticated() {
		return &User{Name: "nobody"}
	}
	return &User{Name: p.UserID()}
}

//auth:route GET /optional
//auth:guard AllowAny()
func Optional(user *User) string { return user.Name }

var _ http.Handler = (*Guarded)(nil)

var _ = who.Backend{}
