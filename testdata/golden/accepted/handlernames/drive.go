package handlernames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) { return NewGuardedAPI(&API{Who: &who.Backend{}}) }
