// Package typenames has types whose names generated code would like to have, and parameters called like their types.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package typenames

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/typenames/lib"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type (
	runtime struct{}
	http    struct{}
	errors  struct{ n int }
	slug    string
	user    struct{ Name string }
	err     int
)

//auth:provide
func newUser() *user { return &user{"user"} }

//auth:provide
func newErr() err { return 3 }

//auth:route GET /runtime/{slug}
//auth:guard slug != "no" && user.Name == "user"
func (runtime) Get(slug slug, user *user) slugs { return slugs{slug} }

type slugs []slug

//auth:route GET /http/{err}
//auth:guard err == "x"
func (h http) Get(err string, e err) int { return int(e) }

//auth:route GET /errors/{id}
//auth:guard id != lib.ID("no") && e.n == 1
func (e *errors) Get(id lib.ID) string { return string(id) }
