package capturedimport

import "net/http"

//auth:route GET /c
func C(http.ResponseWriter, *http.Request) {}
