package redeclared

import "net/http"

//auth:route GET /b
func A(http.ResponseWriter, *http.Request) {}
