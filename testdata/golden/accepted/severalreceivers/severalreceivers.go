// Package severalreceivers has several receivers of different kinds with handlers of the same names, and functions.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package severalreceivers

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type (
	// Users is in a group, with directives of its own.
	//
	//auth:prefix /users
	//auth:guard IsStaff()
	Users struct{ n int }

	// Numbers is no struct.
	//
	//auth:prefix /numbers
	Numbers []int

	// ID is not one either.
	ID int
)

//auth:prefix /funcs
type Funcs func() string

//auth:route GET /list
func (u *Users) List() int { return u.n }

//auth:route GET /list
func (n Numbers) List() int { return len(n) }

//auth:route GET /id/list
//auth:guard id != 7 && id%2 == 0
func (id ID) List() int { return int(id) }

//auth:route GET /list
func (f Funcs) List() string { return f() }

//auth:route GET /list
func List() string { return "function" }
