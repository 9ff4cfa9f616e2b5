package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/authtest"
)

// Who may do what is what testdata/matrix/TestAccess.txt says.
func TestAccess(t *testing.T) {
	b := newBlog(t, nil)
	guarded, err := NewGuardedServer(b.server, authtest.DryRun())
	require.NoError(t, err)
	login := httptest.NewRequest("POST", "/session/login", strings.NewReader(`{"username":"alice","password":"alice-password"}`))
	login.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	guarded.ServeHTTP(answer, login)
	require.Len(t, answer.Result().Cookies(), 1)
	session := answer.Result().Cookies()[0]
	principals := []authtest.Principal{{Name: "alice by session", As: func(r *http.Request) { r.AddCookie(session) }}}
	for _, caller := range callers[1:] { // the first one is anonymous
		header := b.as(caller)
		principals = append(principals, authtest.Principal{Name: caller, As: func(r *http.Request) { r.Header.Set(header[0], header[1]) }})
	}
	authtest.Matrix(t, guarded, principals, "/articles/1", "/articles/2") // alice wrote the first one, root the second
}
