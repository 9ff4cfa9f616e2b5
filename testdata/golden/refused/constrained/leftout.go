//go:build debug

package constrained

import "net/http"

//auth:route GET /debug
//auth:guard AllowAny()
func Debug(http.ResponseWriter, *http.Request) {}
