// Package main has a route on its main function.
//
//auth:backend none
package main

//auth:route GET /
//auth:guard AllowAny()
func main() {}
