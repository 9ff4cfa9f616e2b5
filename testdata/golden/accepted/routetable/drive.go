package routetable

import (
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to: its path is the index of a route.
func Drive() (http.Handler, error) {
	g, err := NewGuardedServer(&Server{A: &who.Backend{}, B: &who.Backend{Prefix: "b"}})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", g)
	for i, r := range g.Routes() {
		mux.HandleFunc(fmt.Sprintf("/%d", i), func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "%s %s [%s] %v %v %t %s", r.Pattern, r.Name, r.Guard, r.Backends, r.Permissions, r.Public, r.Replaced)
		})
		mux.Handle(fmt.Sprintf("/handler/%d", i), r.Handler)
	}
	return mux, nil
}
