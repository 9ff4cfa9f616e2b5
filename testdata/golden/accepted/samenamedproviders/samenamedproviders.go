// Package samenamedproviders takes values from two packages that have one name, by providers that have one name.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package samenamedproviders

import (
	"net/http"

	aload "github.com/boltauthgen/boltauthgen/testdata/golden/accepted/samenamedproviders/a/load"
	bload "github.com/boltauthgen/boltauthgen/testdata/golden/accepted/samenamedproviders/b/load"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend who.Backend

//auth:route GET /both
//auth:guard a.From == "a" && b.From == "b"
func Both(w http.ResponseWriter, a *aload.Value, b *bload.Value) {
	_, _ = w.Write([]byte(a.From + b.From))
}

//auth:route GET /other
//auth:guard b.From == "a"
func Other(b *bload.Value) {}
