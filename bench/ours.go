//auth:backend s.JWT
//auth:guard HasPermission(Permission)
package bench

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

//go:generate go tool boltauthgen

// byArgument has a handler that gets the principal as an argument.
type byArgument struct{ JWT *jwtauth.Backend }

//auth:route GET /me
func (s *byArgument) Serve(w http.ResponseWriter, p *runtime.Principal) { respond(w, p.UserID()) }

// byContext has a plain handler, which gets the principal from the context.
type byContext struct{ JWT *jwtauth.Backend }

//auth:route GET /me
func (s *byContext) Serve(w http.ResponseWriter, r *http.Request) {
	respond(w, runtime.FromContext(r.Context()).UserID())
}

// How many tokens that it has verified a backend remembers.
const (
	hot  = 0  // as many as by default
	cold = -1 // none
)

// newBackend returns a backend for the algorithm that remembers so many tokens. The key is a secret if keys is nil.
func newBackend(algorithm string, keys jwtauth.KeySet, remembered int) (*jwtauth.Backend, error) {
	config := jwtauth.Config{Algorithms: []string{algorithm}, Keys: keys, CacheSize: remembered}
	if keys == nil {
		config.Secret = secret
	}
	return jwtauth.New(config)
}

// newByArgument returns our row in which the principal is an argument.
func newByArgument(remembered int) (http.Handler, error) {
	backend, err := newBackend("HS256", nil, remembered)
	if err != nil {
		return nil, err
	}
	return newGuardedByArgument(&byArgument{backend})
}

// newByContext returns our row in which the principal is in the context.
func newByContext(remembered int) (http.Handler, error) {
	backend, err := newBackend("HS256", nil, remembered)
	if err != nil {
		return nil, err
	}
	return newGuardedByContext(&byContext{backend})
}
