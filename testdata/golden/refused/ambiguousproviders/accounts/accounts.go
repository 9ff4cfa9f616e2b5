// Package accounts has users.
package accounts

import "net/http"

// A User is someone.
type User struct{}

// Current returns the user behind a request.
//
//auth:provide
func Current(r *http.Request) (*User, error) { return nil, nil }
