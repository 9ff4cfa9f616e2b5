// Package indoc shows directives in documentation, and forgets that one of them is none.
//
// A guard is written so:
//
//	//auth:guard IsStaff()
//
// The word auth: guard is a directive, too, and auth:guard is what they are called.
//
// auth:guard IsStaff()
package indoc

import "net/http"

/*
A handler for everyone, which is no directive:

	//auth:guard AllowAny()

 * auth:guard AllowAny()
*/
//auth:route GET /a
//auth:backend none
//auth:guard AllowAny()
func A(http.ResponseWriter, *http.Request) {}
