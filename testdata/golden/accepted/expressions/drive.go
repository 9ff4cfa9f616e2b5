package expressions

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	yes := true
	return NewGuardedServer(&Server{Who: &who.Backend{}, Flags: map[string]bool{"on": true}, Lists: [][]string{{"a", "b"}},
		Ptr: &yes, Any: true, Func: func(s string) bool { return s != "" }, Point: Point{1, 2}})
}
