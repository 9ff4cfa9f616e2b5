// Package http is not net/http.
package http

// ResponseWriter is nothing.
type ResponseWriter int

// Fine is a guard.
func Fine(string) bool { return true }
