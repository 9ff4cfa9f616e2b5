package hostmeaning

import (
	"net/http"

	rules "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/open"
)

//auth:route GET example.com/admin
//auth:guard rules.Holds()
func Host(http.ResponseWriter, *http.Request) { _ = rules.Holds }
