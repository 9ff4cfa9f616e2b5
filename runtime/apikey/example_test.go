package apikey_test

import (
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
