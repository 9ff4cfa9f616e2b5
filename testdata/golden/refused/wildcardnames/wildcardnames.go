// Package wildcardnames has wildcards whose names fit no parameter, and prefixes with wildcards.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
//auth:prefix /{tenant}
package wildcardnames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a/{Tenant}
func A(w http.ResponseWriter, Tenant int, tenant int, tenants string) {}

//auth:route GET /b/{tenant}
func B(w http.ResponseWriter) {}

//auth:route GET /c/{article-id}
func C(w http.ResponseWriter, articleid string) {}

//auth:route GET /d/{type}
func D(w http.ResponseWriter, kind string) {}

//auth:route GET /e/{w}
func E(w http.ResponseWriter) {}

//auth:route GET /f/{r}
func F(w http.ResponseWriter, r *http.Request, ptr *int) {}
