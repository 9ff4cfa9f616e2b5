package capturedimport

import (
	"net/http"

	rules "github.com/boltauthgen/boltauthgen/testdata/golden/refused/capturedimport/weak"
)

//auth:route GET /b
func B(http.ResponseWriter, *http.Request) { _ = rules.Open }
