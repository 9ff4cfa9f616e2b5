// Package handlernames has handlers with the names of generated fields and of methods of the run time.
//
//auth:backend s.Who
//auth:guard IsStaff()
package handlernames

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type API struct {
	Who *who.Backend
}

//auth:route GET /1
func (s *API) Api() {}

//auth:route GET /2
func (s *API) API() {}

//auth:route GET /3
func (s *API) api() {}

//auth:route GET /4
func (s *API) Server() {}

//auth:route GET /5
func (s *API) Health() {}

//auth:route GET /6
func (s *API) health() {}

//auth:route GET /7
func (s *API) healthEndpoint() {}

//auth:route GET /8
func (s *API) Mux() {}

//auth:route GET /9
func (s *API) mux() {}

//auth:route GET /10
func (s *API) HTTPStatus() {}

//auth:route GET /11
func (s *API) HttpStatus() {}

//auth:route GET /12
func (s *API) Enter() {}

//auth:route GET /13
func (s *API) Runtime() {}

//auth:route GET /14
func (s *API) Errors() {}

//auth:route GET /15
func (s *API) G() {}

//auth:route GET /16
func (s *API) Receiver() {}
