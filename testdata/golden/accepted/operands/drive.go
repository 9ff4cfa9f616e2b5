package operands

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	yes := map[Key]bool{{"a"}: true}
	return NewGuardedServer(&Server{Who: &who.Backend{}, A: Key{"x"}, F: func() bool { return true }, M: yes,
		G: map[Key]map[Key]bool{{"a"}: yes}})
}
