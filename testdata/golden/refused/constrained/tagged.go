//go:build !production

package constrained

import "net/http"

//auth:route GET /tagged
//auth:guard AllowAny()
func Tagged(http.ResponseWriter, *http.Request) {}
