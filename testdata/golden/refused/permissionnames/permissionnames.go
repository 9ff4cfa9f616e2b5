// Package permissionnames names permissions and scopes that are none.
//
//auth:backend Keys
package permissionnames

import (
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Names are permissions, in a list.
var Names = []string{"a", "b"}

// Name is a variable.
var Name = "a"

// Count is a number.
const Count = 1

// Age is a variable.
var Age time.Duration

//auth:route GET /a
//auth:guard HasAnyPermission()
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard HasAllPermissions
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard HasScope()
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard HasAllPermissions(Names...)
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard HasAnyPermission([]string{"a", "b"}...)
func E(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard HasAnyPermission(Names)
func F(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard HasPermission(Name)
func G(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard HasPermission("")
func H(http.ResponseWriter, *http.Request) {}

//auth:route GET /i
//auth:guard HasAnyPermission("a", " ", "b ", "a")
func I(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard HasScope("read write", "rea\"d", "é")
func J(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth:guard HasPermission(Count)
func K(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auth:guard HasPermission(r.Method)
func L(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /m
//auth:guard HasScope("read", "read")
func M(http.ResponseWriter, *http.Request) {}

//auth:route GET /n
//auth:guard HasPermission("a\tb")
func N(http.ResponseWriter, *http.Request) {}

//auth:route GET /o
//auth:guard Fresh(0)
func O(http.ResponseWriter, *http.Request) {}

//auth:route GET /p
//auth:guard Fresh(-5 * time.Minute)
func P(http.ResponseWriter, *http.Request) {}

//auth:route GET /q
//auth:guard Fresh()
func Q(http.ResponseWriter, *http.Request) {}

//auth:route GET /r
//auth:guard HasPermission(("a") + "")
//auth:guard HasPermission(nil)
func R(http.ResponseWriter, *http.Request) {}

//auth:route GET /s
//auth:guard HasPermission("blog.*\u200b")
func S(http.ResponseWriter, *http.Request) {}
