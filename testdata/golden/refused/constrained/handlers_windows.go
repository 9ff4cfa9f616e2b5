package constrained

import "net/http"

//auth:route GET /windows
//auth:guard AllowAny()
func Windows(http.ResponseWriter, *http.Request) {}
