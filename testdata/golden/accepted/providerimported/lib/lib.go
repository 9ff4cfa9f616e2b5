// Package lib has providers for other packages.
package lib

import (
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Nobody is the name of nobody.
const Nobody = "staff"

// The permissions.
//
//auth:permissions
const View = "blog.view_article"

// Backend authenticates.
var Backend = &who.Backend{}

// User is who asks.
type User struct{ Name string }

// Item is an item.
type Item struct{ ID int }

// CurrentUser loads the user.
//
//auth:provide
func CurrentUser(p *runtime.Principal) (*User, error) { return &User{Name: p.UserID()}, nil }

// FindItem finds an item.
//
//auth:provide
func FindItem(id int) (Item, error) {
	if id == 0 {
		return Item{}, runtime.ErrNotFound
	}
	return Item{ID: id}, nil
}

//auth:provide
func hidden(id int) (Item, error) { return FindItem(id) }

var _ = hidden
