// Package catalogue names permissions that are not in its catalogue.
//
//auth:backend Keys
package catalogue

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/refused/catalogue/common"
)

// Keys knows the callers.
var Keys runtime.Authenticator

//auth:permissions
const (
	ViewArticle   = "blog.view_article"
	DeleteArticle = "blog.delete_article"
)

// Other is a constant, but not in the catalogue.
const Other = "blog.other"

//auth:route GET /a
//auth:guard HasPermission("blog.view_artcle")
func A(http.ResponseWriter, *http.Request) {}

//auth:route GET /b
//auth:guard HasAnyPermission(ViewArticle, Other)
func B(http.ResponseWriter, *http.Request) {}

//auth:route GET /c
//auth:guard HasAllPermissions(common.Audit, "comon.audit", common.Hidden)
func C(http.ResponseWriter, *http.Request) {}

//auth:route GET /d
//auth:guard HasPermission("BLOG.VIEW_ARTICLE") || HasScope("anything")
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /e
//auth:guard HasPermission(ViewArtikel)
func E(http.ResponseWriter, *http.Request) {}
