package basic_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/basic"
	"github.com/boltauthgen/boltauthgen/runtime/password"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

func Example() {
	stored, err := password.Hash(context.Background(), "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	hashes := map[string]string{"alice": stored} // in place of a database

	limiter, err := throttle.New(throttle.Config{})
	if err != nil {
		panic(err)
	}
	backend, err := basic.New(basic.Config{
		Limiter: limiter,
		Check: func(ctx context.Context, username, text string) (runtime.Identity, error) {
			hash, known := hashes[username]
			if !known {
				hash = password.Nobody() // an unknown user costs as much as a known one
			}
			ok, _, err := password.Check(ctx, hash, text)
			switch {
			case err != nil:
				return runtime.Identity{}, err
			case !ok:
				return runtime.Identity{}, runtime.ErrInvalidCredentials
			}
			return runtime.Identity{UserID: username}, nil
		},
	})
	if err != nil {
		panic(err)
	}

	r := httptest.NewRequest("GET", "/articles", nil)
	r.SetBasicAuth("alice", "correct horse battery staple")
	fmt.Println(backend.Authenticate(r))
	r.SetBasicAuth("mallory", "correct horse battery staple")
	fmt.Println(backend.Authenticate(r))
	// Output:
	// "alice" by "basic" <nil>
	// anonymous refused by Check: invalid credentials
}
