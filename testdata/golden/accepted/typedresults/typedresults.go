// Package typedresults sends what handlers return as JSON, with the status that it names.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package typedresults

import (
	"encoding/json"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type Doc struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
}

// Created is sent with 201.
type Created struct {
	ID int `json:"id"`
}

// StatusCode is 201.
func (Created) StatusCode() int { return http.StatusCreated }

// Gone has its status on the pointer.
type Gone struct{}

// StatusCode is 204.
func (*Gone) StatusCode() int { return http.StatusNoContent }

type problem struct{ text string }

func (p *problem) Error() string { return p.text }

//auth:route GET /value
func (s *Server) Value() Doc { return Doc{ID: 1} }

//auth:route GET /pointer
func (s *Server) Pointer() *Doc { return &Doc{ID: 2, Name: "<two>"} }

//auth:route GET /nil
func (s *Server) Nil() *Doc { return nil }

//auth:route GET /slice
func (s *Server) Slice() []Doc { return []Doc{{ID: 1}, {ID: 2}} }

//auth:route GET /map
func (s *Server) Map() map[string]int { return map[string]int{"a": 1} }

//auth:route GET /any
func (s *Server) Any() any { return Created{ID: 3} }

//auth:route GET /named
func (s *Server) Named() (doc Doc) { doc.ID = 4; return }

//auth:route GET /raw
func (s *Server) Raw() (json.RawMessage, error) { return json.RawMessage(`{"raw":true}`), nil }

//auth:route POST /created
func (s *Server) Created() (Created, error) { return Created{ID: 5}, nil }

//auth:route DELETE /gone
func (s *Server) Gone() (*Gone, error) { return &Gone{}, nil }

//auth:route GET /either/{id}
func (s *Server) Either(id int) (result *Doc, err error) {
	if id == 0 {
		return nil, runtime.ErrNotFound
	}
	return &Doc{ID: id}, nil
}

//auth:route GET /bool
func (s *Server) Bool() bool { return false }

//auth:route GET /generic
func (s *Server) Generic() page[Doc] { return page[Doc]{Items: []Doc{{ID: 9}}} }

type page[T any] struct {
	Items []T `json:"items"`
}

//auth:route GET /problem
func (s *Server) Problem() *problem { return &problem{"not an error result"} }

//auth:route GET /bad
func (s *Server) Bad() func() { return func() {} }
