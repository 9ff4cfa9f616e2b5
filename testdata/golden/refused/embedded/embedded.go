// Package embedded has handlers on a type that others embed, and guards on those.
//
//auth:backend Keys
package embedded

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// Base serves.
type Base struct{}

// Get has no guard: that of Admin does not count for it.
//
//auth:route GET /get
func (Base) Get(http.ResponseWriter, *http.Request) {}

// Admin embeds it.
//
//auth:guard IsAdminUser()
type Admin struct{ Base }

// Put has one.
//
//auth:route PUT /put
func (Admin) Put(http.ResponseWriter, *http.Request) {}
