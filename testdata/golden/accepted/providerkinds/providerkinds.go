// Package providerkinds provides values of every kind, from functions and methods, with an error and without.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package providerkinds

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type (
	Level  int
	Pair   struct{ A, B string }
	Tags   []string
	Flags  map[string]bool
	Store  interface{ Get() string }
	Clock  func() time.Time
	memory struct{}
)

func (memory) Get() string { return "stored" }

//auth:provide
func level(r *http.Request) Level { return Level(len(r.URL.Query())) }

//auth:provide
func (s *Server) pair() (Pair, error) { return Pair{"a", "b"}, nil }

//auth:provide
func tags() Tags { return nil }

//auth:provide
func flags() (Flags, error) { return Flags{"on": true}, nil }

//auth:provide
func (s *Server) store(r *http.Request) Store {
	if r.URL.Query().Has("nil") {
		return nil
	}
	return memory{}
}

//auth:provide
func clock() Clock { return time.Now }

//auth:provide
func query(r *http.Request) url.Values { return r.URL.Query() }

//auth:provide
func array() [2]int { return [2]int{1, 2} }

//auth:provide
func slice() []*Pair { return []*Pair{{"c", "d"}} }

//auth:provide
func table() map[string][]Pair { return nil }

//auth:provide
func body(r *http.Request) (io.Reader, error) {
	if r.URL.Query().Has("bad") {
		return nil, runtime.ErrBadRequest
	}
	return strings.NewReader("body"), nil
}

//auth:provide
func anonymous() struct{ X int } { return struct{ X int }{7} }

//auth:provide
func text() string { return "text" }

//auth:provide
func number() *int { n := 42; return &n }

//auth:route GET /all
//auth:guard level >= 0 && flags["on"] && pair == (Pair{"a", "b"}) && array[0] == 1 && anonymous.X == 7
func (s *Server) All(level Level, pair Pair, tags Tags, flags Flags, store Store, clock Clock, query url.Values,
	array [2]int, slice []*Pair, table map[string][]Pair, body io.Reader, anonymous struct{ X int }, text string, number *int) string {
	return fmt.Sprint(int(level), pair, tags, flags, store.Get(), !clock().IsZero(), len(query), array, *slice[0], table, anonymous, text, *number)
}

//auth:route GET /store
//auth:guard pair != Pair{}
//auth:guard Pair{"a", pair.B} == pair
func (s *Server) Store(store Store, pair Pair) {}
