package authtest

import (
	"net/http"
	"sync"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Backend is a [runtime.Authenticator] that answers every request with what the test has set last. The zero Backend
// finds no credentials. It is safe for concurrent use.
type Backend struct {
	mu        sync.Mutex
	principal *runtime.Principal
	err       error
}

var _ runtime.Authenticator = (*Backend)(nil)

// Set has requests be those of the principal; nil or an anonymous one stands for requests without credentials.
func (b *Backend) Set(p *runtime.Principal) { b.set(p, nil) }

// Fail has requests answered with an error: [runtime.ErrInvalidCredentials], [runtime.ErrRevoked],
// [runtime.ErrUnavailable], or one that means nothing to the run time.
func (b *Backend) Fail(err error) { b.set(nil, err) }

func (b *Backend) set(p *runtime.Principal, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.principal, b.err = p, err
}

// Name implements [runtime.Authenticator]. It is "test".
func (b *Backend) Name() string { return "test" }

// Authenticate implements [runtime.Authenticator].
func (b *Backend) Authenticate(*http.Request) (*runtime.Principal, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil && !b.principal.IsAuthenticated() {
		return nil, runtime.ErrNoCredentials
	}
	return b.principal, b.err
}

// Challenge implements [runtime.Authenticator].
func (b *Backend) Challenge(*http.Request, error) string { return `Test realm="api"` }
