package unrouted

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	g, err := NewGuardedServer(&Server{Who: &who.Backend{}})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/staff", g.Staff)
	mux.HandleFunc("/docs/{id}/{name}", g.Doc)
	mux.HandleFunc("/lost/{id}", g.Doc)
	mux.HandleFunc("/anyone", g.Anyone)
	mux.Handle("/", g)
	return mux, nil
}
