package options

import (
	"context"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	return NewGuardedServer(&Server{Who: &who.Backend{}},
		runtime.WithContext(func(ctx context.Context, p *runtime.Principal) context.Context {
			return context.WithValue(ctx, key{}, Tenant(p.UserID()))
		}),
		runtime.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, err)
		}),
		runtime.WithTrustedOrigins("https://example.com"))
}
