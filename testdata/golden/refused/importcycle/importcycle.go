// Package importcycle imports what imports it.
//
//auth:guard AllowAny()
package importcycle

import "github.com/boltauthgen/boltauthgen/testdata/golden/refused/importcycle/other"

//auth:provide
func user() *other.User { return nil }
