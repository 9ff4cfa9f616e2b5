// Package accounts was left in the middle of a change.
package accounts

import "net/http"

// Allowed has an unknown type.
func Allowed(r *http.Reqest) bool { return true }

// A User is someone.
type User struct{ Team *Team }

//auth:provide
func Current(r *http.Request) (*Usr, error) { return nil, nil }
