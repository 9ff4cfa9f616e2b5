// Package other closes the circle.
package other

import "github.com/boltauthgen/boltauthgen/testdata/golden/refused/importcycle"

// A User is someone.
type User struct{ importcycle.Server }
