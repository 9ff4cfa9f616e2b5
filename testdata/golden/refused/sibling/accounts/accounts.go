// Package accounts has users.
package accounts

import "net/http"

// A User is someone, a Team several.
type (
	User struct{}
	Team struct{}
)

//auth:provide
func current(r *http.Request) (*User, error) { return nil, nil }

// Store finds teams.
type Store struct{}

// Team finds one.
//
//auth:provide
func (*Store) Team(r *http.Request) (*Team, error) { return nil, nil }
