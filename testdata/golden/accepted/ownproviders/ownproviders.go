// Package ownproviders has two receivers that each provide the same type by methods of the same name.
//
//auth:backend backend
//auth:guard IsAuthenticated() && user.Level() > 1
package ownproviders

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

// What the package clause calls user is this variable.
var user User = 2

type A struct{}

type B struct{ n int }

type User int

// Level is a guard.
func (u User) Level() int { return int(u) }

//auth:provide
func (a A) user() User { return 10 }

//auth:provide
func (b *B) user() (User, error) { return User(b.n), nil }

//auth:route GET /a
//auth:guard u > 9
func (a A) Show(u User) User { return u }

//auth:route GET /b
//auth:guard u > 9
func (b *B) Show(u User) User { return u }

//auth:route GET /b/none
func (b *B) None() {}
