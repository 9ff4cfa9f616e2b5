//auth:guard IsStaff()
package twoclauses

import "net/http"

//auth:route GET /b
func B(http.ResponseWriter, *http.Request) {}
