package embedding

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	server := &Server{Base: &Base{Who: &who.Backend{}, Limit: 3}, deps: deps{names: map[string]bool{"a": true}}}
	guarded, err := NewGuardedServer(server)
	if err != nil {
		return nil, err
	}
	admin, err := NewGuardedAdmin(&Admin{server})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", guarded)
	mux.Handle("/admin", admin)
	return mux, nil
}
