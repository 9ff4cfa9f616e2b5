// Package pathvalues parses path values of every kind.
//
//auth:backend s.Who
//auth:guard IsAuthenticated()
package pathvalues

import (
	"encoding"
	"net/netip"
	"time"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type (
	Slug  string
	Count uint16
	Delta int32
	Yes   bool
	Color struct{ R, G, B byte }
	Kind  int
)

// UnmarshalText parses #rgb without the hash.
func (c *Color) UnmarshalText(text []byte) error {
	if len(text) != 3 {
		return encodingError{}
	}
	c.R, c.G, c.B = text[0], text[1], text[2]
	return nil
}

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = Kind(len(text))
	return nil
}

var _ encoding.TextUnmarshaler = (*Kind)(nil)

type encodingError struct{}

func (encodingError) Error() string { return "a color has three digits" }

//auth:route GET /string/{v}
func (s *Server) String(v string) string { return v }

//auth:route GET /slug/{v}
//auth:guard v != "secret"
func (s *Server) Slug(v Slug) Slug { return v }

//auth:route GET /int/{v}
func (s *Server) Int(v int) int { return v }

//auth:route GET /int8/{v}
func (s *Server) Int8(v int8) int8 { return v }

//auth:route GET /int16/{v}
func (s *Server) Int16(v int16) int16 { return v }

//auth:route GET /int32/{v}
func (s *Server) Int32(v int32) int32 { return v }

//auth:route GET /rune/{v}
func (s *Server) Rune(v rune) rune { return v }

//auth:route GET /int64/{v}
func (s *Server) Int64(v int64) int64 { return v }

//auth:route GET /delta/{v}
func (s *Server) Delta(v Delta) Delta { return v }

//auth:route GET /uint/{v}
func (s *Server) Uint(v uint) uint { return v }

//auth:route GET /byte/{v}
func (s *Server) Byte(v byte) byte { return v }

//auth:route GET /uint8/{v}
func (s *Server) Uint8(v uint8) uint8 { return v }

//auth:route GET /uint16/{v}
func (s *Server) Uint16(v uint16) uint16 { return v }

//auth:route GET /count/{v}
func (s *Server) Count(v Count) Count { return v }

//auth:route GET /uint32/{v}
func (s *Server) Uint32(v uint32) uint32 { return v }

//auth:route GET /uint64/{v}
func (s *Server) Uint64(v uint64) uint64 { return v }

//auth:route GET /bool/{v}
//auth:guard v
func (s *Server) Bool(v bool) bool { return v }

//auth:route GET /yes/{v}
//auth:guard !v
func (s *Server) Yes(v Yes) Yes { return v }

//auth:route GET /color/{v}
func (s *Server) Color(v Color) Color { return v }

//auth:route GET /kind/{v}
func (s *Server) Kind(v Kind) Kind { return v }

//auth:route GET /time/{v}
func (s *Server) Time(v time.Time) int { return v.Year() }

//auth:route GET /addr/{v}
//auth:guard v.Is4() || v.IsLoopback()
func (s *Server) Addr(v netip.Addr) netip.Addr { return v }

//auth:route GET /month/{v}
func (s *Server) Month(v time.Month) string { return v.String() }

//auth:route GET /rest/{v...}
//auth:guard v != "x/y"
func (s *Server) Rest(v string) string { return v }

//auth:route GET /slugs/{v...}
func (s *Server) Slugs(v Slug) Slug { return v }

//auth:route GET /tail/{v...}
func (s *Server) Tail(v int) int { return v }

//auth:route GET /several/{a}/{b}/x/{c}
//auth:guard b > 0 && a != c
func (s *Server) Several(c string, b int, a string) string { return a + c }
