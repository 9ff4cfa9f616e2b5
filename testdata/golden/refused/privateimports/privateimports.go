// Package privateimports names what other packages do not export.
//
//auth:backend Keys
//auth:guard strings.indexFunc == nil
package privateimports

import (
	"net/http"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

var _ = strings.ToLower

//auth:route GET /a
func A(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /b
//auth:guard r.ctx != nil
func B(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /c
//auth:guard os.Getenv("OPEN") != ""
func C(w http.ResponseWriter, r *http.Request) {}
