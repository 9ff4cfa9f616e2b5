// Package aliasreceiver has handlers on what only looks like a type of its own.
//
//auth:backend Keys
//auth:guard IsAuthenticated()
package aliasreceiver

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
var Keys runtime.Authenticator

// A Box is generic.
type Box[T any] struct{ Value T }

// An IntBox is one of them.
type IntBox = Box[int]

//auth:route GET /a
func (b *IntBox) Open(http.ResponseWriter, *http.Request) {}

// Client is someone else's type.
type Client = http.Client

//auth:route GET /b
func (c *Client) Get(http.ResponseWriter, *http.Request) {}

// Server is a type, Alias another name of it.
type Server struct{}

// Alias is guarded in vain.
//
//auth:guard IsStaff()
type Alias = Server

//auth:route GET /c
func (s *Alias) Get(http.ResponseWriter, *http.Request) {}

//auth:guard IsStaff()
type Interface interface{ Get() }
