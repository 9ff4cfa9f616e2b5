package replaces

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	server, err := NewGuardedServer(&Server{Who: &who.Backend{}})
	if err != nil {
		return nil, err
	}
	open, err := NewGuardedOpen(&Open{Who: &who.Backend{}})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle("/type", open)
	mux.Handle("/twice", open)
	return mux, nil
}
