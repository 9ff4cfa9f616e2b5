package many

import "net/http"

//auth:route GET /b
//auth:guard IsStaf() && HasPermission("") && AllowAny()
//auth:gaurd IsStaff()
func B(http.ResponseWriter, *http.Request) {}
