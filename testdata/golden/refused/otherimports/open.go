package otherimports

import (
	. "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/open"
	perms "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/open"
	rules "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/open"
)

//auth:route GET /open
func Open() { _, _, _ = Holds, perms.View, rules.Holds }
