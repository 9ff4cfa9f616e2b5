// Package arguments has directives with too much or too little behind their names.
//
//auth:backend
//auth:guard
//auth:prefix
package arguments

import "net/http"

//auth:route
//auth:guard IsAuthenticated()
//auth:backend
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard
//auth:replace
func B(http.ResponseWriter, *http.Request) {}

//auth:ignore
func C(http.ResponseWriter, *http.Request) {}

// A User is someone.
type User struct{}

//auth:provide optionally
func user() *User { return nil }

//auth:permissions all of them
const View = "view"
