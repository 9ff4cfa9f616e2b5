// Package functions has plain functions as handlers, beside a method with a guarded server of its own.
//
//auth:guard IsAuthenticated()
//auth:backend backend
package functions

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = who.Backend{}

type User struct{ Name string }

//auth:provide
func user(p *runtime.Principal) (*User, error) { return &User{p.UserID()}, nil }

//auth:provide
func upper(u *User) string { return u.Name + "!" }

func (u *User) is(name string) bool { return u.Name == name }

//auth:route GET /user
//auth:guard !user.is("staff")
func Show(user *User, upper string) string { return user.Name + upper }

//auth:route GET /hidden
func hidden(w http.ResponseWriter, r *http.Request) {}

//auth:guard IsStaff()
func Unrouted(w http.ResponseWriter, r *http.Request) {}

type Server struct{}

//auth:route GET /method
func (Server) Show(user *User) string { return user.Name }
