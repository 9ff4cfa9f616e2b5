// Package constants compares with constants: typed, untyped, of enumerations and of other packages.
//
//auth:backend s.Who
package constants

import (
	"math"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Level int

const (
	Guest Level = iota
	Member
	Owner
)

const (
	limit   = 1 << 4
	half    = 0.5
	letter  = 'x'
	start   = "2026-01-01"
	enabled = true
)

// Member is for members.
func (l Level) Member() bool { return l >= Member }

type Server struct {
	Who   *who.Backend
	Since time.Time
}

//auth:route GET /level/{l}
//auth:guard l > Guest && l.Member() && l != Owner && Level(1) <= l && Owner.Member()
func (s *Server) Level(l Level) {}

//auth:route GET /number/{n}
//auth:guard n < limit && n&0x3 == 0b01 && n%0o7 != 1_0-10 && float64(n)*half < math.Pi && n != math.MaxInt64
func (s *Server) Number(n int64) {}

//auth:route GET /rune/{v}
//auth:guard rune(v[0]) == letter && v < "\x7a" && v != start
func (s *Server) Rune(v string) {}

//auth:route GET /bool/{b}
//auth:guard b == enabled && (b || b != enabled)
func (s *Server) Bool(b bool) {}

//auth:route GET /time
//auth:guard s.Since.Before(time.Unix(0, 0).Add(3*time.Hour)) && time.Since(s.Since) > time.Minute && s.Since.Weekday() != time.Sunday+8
func (s *Server) Time(r *http.Request) {}

// Since is when.
var Since = time.Unix(int64(math.MaxInt8), 0)
