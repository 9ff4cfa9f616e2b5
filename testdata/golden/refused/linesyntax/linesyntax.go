// Package linesyntax says that it comes from elsewhere, and does not parse.
//
//auth:guard AllowAny()
package linesyntax

//line other.go:100

//auth:guard IsStaff()
func A( {}

var x = 1 +
