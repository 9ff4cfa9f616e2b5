package onlytests

import "net/http"

//auth:route GET /a
//auth:guard AllowAny()
func A(http.ResponseWriter, *http.Request) {}
