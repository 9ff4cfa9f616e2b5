package jwtauth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var secret = []byte("replace me by 32 random bytes or more")

func request(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/articles", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// A service that issues its own tokens and accepts them.
func Example() {
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret, Issuer: "https://blog.example"})
	if err != nil {
		panic(err)
	}
	backend, err := jwtauth.New(jwtauth.Config{Secret: secret, Issuer: "https://blog.example"})
	if err != nil {
		panic(err)
	}

	token, err := issuer.Token(jwtauth.User{ID: "42", Username: "alice"}, jwtauth.TokenOptions{
		Lifetime: 10 * time.Minute,
		Claims:   map[string]any{"permissions": []string{"blog.view_article"}},
	})
	if err != nil {
		panic(err)
	}
	principal, err := backend.Authenticate(request(token))
	fmt.Println(principal, err)
	fmt.Println(principal.HasPermission("blog.view_article"), principal.IsStaff())

	_, err = backend.Authenticate(request(token + "x"))
	fmt.Println(err)
	fmt.Println(backend.Challenge(nil, err))
	// Output:
	// "42" by "jwt" <nil>
	// true false
	// invalid credentials: signature is not that of a trusted key
	// Bearer realm="api", error="invalid_token", error_description="The access token is expired, revoked or otherwise invalid"
}

// Tokens of somebody else, verified with their public key.
func ExampleParsePEM() {
	keys, err := jwtauth.ParsePEM([]byte(`-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----`))
	if err != nil {
		panic(err)
	}
	_, err = jwtauth.New(jwtauth.Config{
		Keys:       keys,
		Algorithms: []string{"EdDSA"},
		Issuer:     "https://login.example",
		Audience:   []string{"blog"},
		Leeway:     30 * time.Second,
	})
	fmt.Println(err)

	_, err = jwtauth.New(jwtauth.Config{Keys: keys, Algorithms: []string{"RS256"}})
	fmt.Println(err)
	// Output:
	// <nil>
	// jwtauth.New: Algorithms[0]: none of the Keys fits RS256
}

// Logging out: the handler ends the token that it was called with.
func ExampleTokenOf() {
	store := revocation.NewMemory()
	backend, err := jwtauth.New(jwtauth.Config{Secret: secret, Revocation: store})
	if err != nil {
		panic(err)
	}
	logout := func(ctx context.Context, p *runtime.Principal) error {
		token, err := jwtauth.TokenOf(p)
		if err != nil {
			return err
		}
		return store.Revoke(ctx, token) // or store.RevokeUser(ctx, token.Issuer, token.UserID, time.Now())
	}

	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret})
	if err != nil {
		panic(err)
	}
	token, err := issuer.Token(jwtauth.User{ID: "42", Username: "alice"}, jwtauth.TokenOptions{})
	if err != nil {
		panic(err)
	}
	principal, err := backend.Authenticate(request(token))
	fmt.Println(principal, err)
	fmt.Println(logout(context.Background(), principal))
	_, err = backend.Authenticate(request(token))
	fmt.Println(err)
	// Output:
	// "42" by "jwt" <nil>
	// <nil>
	// credentials are revoked: by the revocation store
}

// Numbers among the claims are json.Number: a float64 could not hold each of
// them.
func ExampleBackend_Authenticate() {
	backend, err := jwtauth.New(jwtauth.Config{Secret: secret})
	if err != nil {
		panic(err)
	}
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret})
	if err != nil {
		panic(err)
	}
	token, err := issuer.Token(jwtauth.User{ID: "42"}, jwtauth.TokenOptions{Claims: map[string]any{"tenant": 9007199254740993}})
	if err != nil {
		panic(err)
	}
	principal, err := backend.Authenticate(request(token))
	if err != nil {
		panic(err)
	}
	claim, _ := principal.Claim("tenant")
	tenant, err := claim.(json.Number).Int64()
	fmt.Println(tenant, err)
	// Output: 9007199254740993 <nil>
}
