package backendlevels

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	a, b := &who.Backend{Prefix: "a"}, &who.Backend{Prefix: "b"}
	plain, err := NewGuardedPlain(&Plain{A: a, B: b})
	if err != nil {
		return nil, err
	}
	typed, err := NewGuardedTyped(&Typed{A: a, B: b})
	if err != nil {
		return nil, err
	}
	none, err := NewGuardedNone(&None{A: a})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/plain/", plain)
	mux.Handle("/plain", plain)
	mux.Handle("/typed/", typed)
	mux.Handle("/typed", typed)
	mux.Handle("/none/", none)
	mux.Handle("/none", none)
	return mux, nil
}
