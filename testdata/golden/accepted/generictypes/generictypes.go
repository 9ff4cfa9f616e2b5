// Package generictypes has parameters and results whose types have type arguments.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package generictypes

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/generictypes/lib"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type Page[T any] struct{ Items []T }

// ID is a path value of a type with arguments.
type ID[T any] string

// Number parses itself.
type Number[K comparable, T any] struct{ n int }

// UnmarshalText parses a number.
func (n *Number[K, T]) UnmarshalText(text []byte) (err error) {
	n.n, err = strconv.Atoi(string(text))
	return err
}

//auth:provide
func addrs() (*Page[netip.Addr], error) { return &Page[netip.Addr]{Items: []netip.Addr{{}}}, nil }

//auth:provide
func times() Page[[]time.Time] { return Page[[]time.Time]{} }

//auth:route GET /pages
//auth:guard len(addrs.Items) == 1 && times.Items == nil
func (s *Server) Pages(addrs *Page[netip.Addr], times Page[[]time.Time]) int { return len(addrs.Items) }

//auth:route GET /id/{id}
//auth:guard id != ID[time.Time]("no") && string(id) != "x"
func (s *Server) ID(id ID[time.Time]) ID[time.Time] { return id }

//auth:route GET /number/{n}
//auth:guard n != Number[netip.Addr, map[string]*time.Time]{3}
func (s *Server) Number(n Number[netip.Addr, map[string]*time.Time]) int { return n.n }

//auth:route GET /lib/{key}
//auth:guard key != lib.Key[lib.Local]("no")
func (s *Server) Lib(key lib.Key[lib.Local]) string { return string(key) }
