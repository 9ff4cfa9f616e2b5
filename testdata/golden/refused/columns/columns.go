// Package columns has characters of several bytes and columns before what is wrong.
//
//auth:backend Schlüssel
package columns

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Schlüssel knows the callers.
var Schlüssel runtime.Authenticator

// Größe is a switch, 世界 another one.
var Größe, 世界 bool

//auth:route GET /größe
//auth:guard Größe && 世界 && IsStaf()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard HasPermission("größe") && HasAnyPermission("世", "世")
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard 	 IsStaff()  &&	!IsStaff()  	
func C(http.ResponseWriter, *http.Request) {}
