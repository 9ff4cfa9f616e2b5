// Package aliases names parameters, receivers and results by aliases.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package aliases

import (
	"context"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type (
	Server struct{ Who *who.Backend }
	S      = Server
	W      = http.ResponseWriter
	R      = *http.Request
	Ctx    = context.Context
	P      = *runtime.Principal
	Err    = error
	ID     = int64
	User   struct{ Name string }
	U      = *User
	List   = []User
)

//auth:provide
func (s *S) user(p P) (U, Err) { return &User{p.UserID()}, nil }

//auth:provide
func list() List { return []User{{"a"}} }

func check(u U) Err {
	if u.Name == "staff" {
		return runtime.ErrForbidden
	}
	return nil
}

//auth:route GET /all/{id}
//auth:guard check(user) && id > 0 && len(list) == 1
func (s *S) All(w W, r R, ctx Ctx, p P, id ID, user *User, list []User) Err { return nil }

//auth:route GET /value/{id}
func (s S) Value(u U, id ID) (ID, Err) { return id, nil }
