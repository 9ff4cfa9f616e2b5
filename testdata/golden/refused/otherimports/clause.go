// Package otherimports has defaults whose names mean other imports in each file.
//
//auth:backend Keys
//auth:guard rules.Holds()
//auth:guard HasPermission(perms.View)
//auth:guard Holds()
package otherimports

import (
	"github.com/boltauthgen/boltauthgen/runtime"
	. "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
	perms "github.com/boltauthgen/boltauthgen/testdata/golden/refused/otherimports/strict"
)

// Keys knows the callers.
var Keys runtime.Authenticator

var _, _ = Holds, perms.Holds
