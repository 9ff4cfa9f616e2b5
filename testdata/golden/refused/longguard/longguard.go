// Package longguard has a guard that does not fit the screen.
//
//auth:backend Keys
package longguard

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:route GET /a
//auth:guard HasPermission("blog.view_article") || HasPermission("blog.add_article") || HasPermission("blog.change_article") || HasPermision("blog.delete_article") || IsAdminUser() || HasAnyPermission("blog.view_comment", "blog.add_comment", "blog.change_comment")
func A(http.ResponseWriter, *http.Request) {}
