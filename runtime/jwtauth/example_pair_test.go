package jwtauth_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A service whose users stay logged in. Each refresh token serves once: one that
// comes a second time was copied, and ends the login for both who have it.
func ExamplePairIssuer() {
	ctx := context.Background()
	revocations := revocation.NewMemory()
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret, Issuer: "https://blog.example", Lifetime: 10 * time.Minute})
	if err != nil {
		panic(err)
	}
	pairs, err := jwtauth.NewPairIssuer(jwtauth.PairConfig{
		Issuer:     issuer,
		Store:      refresh.NewMemory(), // or refresh.NewSQL, for several instances
		Revocation: revocations,
		User: func(_ context.Context, id string) (jwtauth.Account, error) { // a look into the database
			if id != "42" {
				return jwtauth.Account{}, runtime.ErrNotFound
			}
			return jwtauth.Account{
				User:   jwtauth.User{ID: "42", Username: "alice"},
				Claims: map[string]any{"permissions": []string{"blog.view_article"}},
			}, nil
		},
		Grace: -1, // so that the example need not wait
		OnReuse: func(_ context.Context, r jwtauth.Reuse) {
			fmt.Println("somebody has a copy of a refresh token of user", r.UserID)
		},
	})
	if err != nil {
		panic(err)
	}
	backend, err := jwtauth.New(jwtauth.Config{Secret: secret, Issuer: "https://blog.example", Revocation: revocations})
	if err != nil {
		panic(err)
	}

	// The password was right.
	first, err := pairs.LogIn(ctx, "42", jwtauth.LoginOptions{})
	fmt.Println(first, err)
	fmt.Println(backend.Authenticate(request(first.AccessToken)))

	// The access token is about to expire.
	second, err := pairs.Refresh(ctx, first.RefreshToken, "")
	fmt.Println(second.TokenType, second.ExpiresIn, err)
	fmt.Println(backend.Authenticate(request(second.AccessToken)))

	// A thief comes with the old one.
	_, err = pairs.Refresh(ctx, first.RefreshToken, "")
	fmt.Println(errors.Is(err, jwtauth.ErrReuse), errors.Is(err, runtime.ErrUnauthenticated))
	_, err = pairs.Refresh(ctx, second.RefreshToken, "")
	fmt.Println(errors.Is(err, runtime.ErrUnauthenticated))
	_, err = backend.Authenticate(request(second.AccessToken))
	fmt.Println(err)
	// Output:
	// jwtauth.Pair <nil>
	// "42" by "jwt" <nil>
	// Bearer 600 <nil>
	// "42" by "jwt" <nil>
	// somebody has a copy of a refresh token of user 42
	// true true
	// true
	// credentials are revoked: by the revocation store
}
