package otherimports

import (
	. "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
	perms "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
	rules "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
)

//auth:route GET /strict
func Strict() { _, _, _ = Holds, perms.View, rules.Holds }
