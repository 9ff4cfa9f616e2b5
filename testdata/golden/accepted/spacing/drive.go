package spacing

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) { return NewGuardedServer(&Server{Who: &who.Backend{}}) }
