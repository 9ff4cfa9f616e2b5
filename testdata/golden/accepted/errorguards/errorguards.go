// Package errorguards has guards that return an error, or a bool and an error.
//
//auth:backend s.Who
package errorguards

import (
	"context"
	"errors"
	"fmt"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Server struct {
	Who *who.Backend
}

type rule struct{ how string }

func (r rule) check() error { return fail(r.how) }

func fail(how string) error {
	switch how {
	case "ok":
		return nil
	case "forbidden":
		return fmt.Errorf("rule: %w", runtime.ErrForbidden)
	case "unauthenticated":
		return runtime.ErrUnauthenticated
	case "notfound":
		return runtime.ErrNotFound
	}
	return errors.New("unknown rule")
}

func (s *Server) ask(ctx context.Context, how string) (bool, error) {
	if how == "no" {
		return false, nil
	}
	return true, fail(how)
}

func (s *Server) named(how string) (holds bool, err error) { return s.ask(context.Background(), how) }

//auth:route GET /error/{how}
//auth:guard fail(how)
func (s *Server) Error(how string) {}

//auth:route GET /both/{how}
//auth:guard s.ask(ctx, how)
func (s *Server) Both(ctx context.Context, how string) {}

//auth:route GET /several/{how}
//auth:guard IsAuthenticated() && s.ask(ctx, how) && fail(how) && how != "x" && (s.named(how)) && rule{how}.check()
//auth:guard s.named(how)
func (s *Server) Several(ctx context.Context, how string) (string, error) { return "several", nil }
