// Package homoglyphs has directives with letters of other alphabets and with characters that nobody sees.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package homoglyphs

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//аuth:guard IsStaff()
func CyrillicA(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guаrd IsStaff()
func CyrillicInName(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth：guard IsStaff()
func FullwidthColon(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//a​uth:guard IsStaff()
func ZeroWidthInTool(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:gu​ard IsStaff()
func ZeroWidthInName(http.ResponseWriter, *http.Request) {}

//auth:route GET /f
//auth:guard Is‍Staff()
func ZeroWidthInGuard(http.ResponseWriter, *http.Request) {}

//auth:route GET /g
//auth:guard IsStaff() ‮|| IsAdminUser()
func RightToLeft(http.ResponseWriter, *http.Request) {}

//auth:route GET /h
//auth:guard IsStaff() || IsAdminUser() == ⁧true
func Isolate(http.ResponseWriter, *http.Request) {}

//auth:route GET /­i
func SoftHyphen(http.ResponseWriter, *http.Request) {}

//auth:route GET /j
//auth:guard IsЅtaff()
func LookAlikeGuard(http.ResponseWriter, *http.Request) {}

//auth:route GET /k
//auth:guard IsStaff() || ㅤ
func HangulFiller(http.ResponseWriter, *http.Request) {}

//auth:route GET /l
//auㅤth:guard IsStaff()
func HangulFillerInTool(http.ResponseWriter, *http.Request) {}

//auth:route GET /m
//auth:guard HasPermission("view️")
func VariationSelector(http.ResponseWriter, *http.Request) {}
