// Package notgo does not parse.
//
//auth:guard IsAuthenticated()
package notgo

import "net/http"

//auth:route GET /a
//auth:gaurd IsStaff()
func A(w http.ResponseWriter, r *http.Request) {
	if {
}

//auth:route GET /b
//auth:guard: IsStaff()
func B(http.ResponseWriter, *http.Request) {}
