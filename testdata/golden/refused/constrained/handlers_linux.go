package constrained

import "net/http"

//auth:route GET /linux
//auth:guard AllowAny()
func Linux(http.ResponseWriter, *http.Request) {}
