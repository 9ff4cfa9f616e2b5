package othername

import "net/http"

//auth:route GET /b
//auth:guard IsAuthenticated()
func B(http.ResponseWriter, *http.Request) {}
