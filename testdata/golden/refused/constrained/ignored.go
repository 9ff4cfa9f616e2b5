//go:build ignore

// Package main is a program beside the package.
//
//auth:backend none
package main

// auth:guard AllowAny()
func main() {}
