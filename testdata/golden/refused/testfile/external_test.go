package testfile_test

import "net/http"

//auth:route GET /c
//auth:guard AllowAny()
func C(http.ResponseWriter, *http.Request) {}
