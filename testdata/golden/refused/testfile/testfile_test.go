//auth:guard IsStaff()
package testfile

import "net/http"

//auth:route GET /b
//auth:gaurd AllowAny()
func B(http.ResponseWriter, *http.Request) {}
