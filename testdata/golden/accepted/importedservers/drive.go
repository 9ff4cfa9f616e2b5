package importedservers

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/accepted/importedservers/inner"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	in := &inner.Server{Who: &who.Backend{}}
	guarded, err := inner.NewGuardedServer(in)
	if err != nil {
		return nil, err
	}
	return NewGuardedServer(&Server{Inner: in, guarded: guarded})
}
