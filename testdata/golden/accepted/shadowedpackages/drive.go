package shadowedpackages

import (
	nethttp "net/http"
)

// Drive returns what the requests of this case are sent to.
func Drive() (nethttp.Handler, error) { return NewGuardedServer(&Server{}) }
