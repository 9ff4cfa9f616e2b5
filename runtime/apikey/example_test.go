package apikey_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

func Example() {
	backend, err := apikey.New(apikey.Config{Keys: []apikey.Key{
		// The digest is what `printf %s "$KEY" | sha256sum` prints.
		{ID: "ci", SHA256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", Permissions: []string{"blog.view_article"}},
	}})
	if err != nil {
		panic(err)
	}

	r := httptest.NewRequest(http.MethodGet, "/articles", nil)
	r.Header.Set("X-API-Key", "secret")
	principal, err := backend.Authenticate(r)
	fmt.Println(principal, err)
	fmt.Println(principal.HasPermission("blog.view_article"))
	// Output:
	// "apikey:ci" by "api_key" <nil>
	// true
}

// Keys from a table of a database, looked up for each request. Here a map stands
// for the table; with one, Lookup and SaveUses are the methods of an [apikey.SQL].
func Example_lookup() {
	key, err := apikey.Generate("acme")
	if err != nil {
		panic(err)
	}
	table := map[string]apikey.Record{
		key.ID: {ID: key.ID, SHA256: key.SHA256, Owner: "7", Scopes: []string{"read"}},
	}
	backend, err := apikey.New(apikey.Config{
		Prefix: "acme",
		Lookup: func(_ context.Context, id string) (apikey.Record, error) {
			record, ok := table[id]
			if !ok {
				return record, apikey.ErrUnknown
			}
			return record, nil
		},
	})
	if err != nil {
		panic(err)
	}

	r := httptest.NewRequest(http.MethodGet, "/articles", nil)
	r.Header.Set("X-API-Key", key.Text)
	principal, err := backend.Authenticate(r)
	owner, _ := principal.Claim("owner")
	fmt.Println(principal.UserID() == "apikey:"+key.ID, owner, err)

	r.Header.Set("X-API-Key", "acme_0123456789ABCDEF_abcdefghijklmnopqrstuvwxyz01233iMOff")
	_, err = backend.Authenticate(r)
	fmt.Println(err)
	// Output:
	// true 7 <nil>
	// invalid credentials: unknown API key
}
