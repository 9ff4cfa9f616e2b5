package unicodenames

import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	if _, err := newGuarded类型(类型{}); err != nil {
		return nil, err
	}
	return NewGuardedСервер(&Сервер{Who: &who.Backend{}})
}
