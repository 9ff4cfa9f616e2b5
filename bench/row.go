// Package bench has the same protected request in several rows: bare, ours, written by hand, and with the libraries that people
// use today, so that they are measured side by side.
package bench

import (
	"fmt"
	"io"
	"net/http"

	"github.com/golang-jwt/jwt/v5"
)

// A Row is one way to serve a protected request: GET [Path] with a token of HS256, for those who have [Permission].
type Row struct {
	Name    string
	Handler http.Handler

	public bool // it asks for no token
	strict bool // its tokens must name issuer and audience
}

// Token returns a token for the row, with these claims.
func (r Row) Token(claims Claims) (string, error) { return r.sign(claims, secret) }

func (r Row) sign(claims Claims, key []byte) (string, error) {
	if r.strict {
		claims.Issuer, claims.Audience = issuer, jwt.ClaimStrings{audience}
	}
	return sign(claims, "HS256", key)
}

// Rows returns all rows, the bare handler first.
func Rows() ([]Row, error) {
	rows := []Row{{Name: "bare", public: true, Handler: route(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		respond(w, "nobody")
	}))}}
	for _, row := range []struct {
		name   string
		make   func() (http.Handler, error)
		strict bool
	}{
		{name: "ours-hot-argument", make: func() (http.Handler, error) { return newByArgument(hot) }},
		{name: "ours-hot-context", make: func() (http.Handler, error) { return newByContext(hot) }},
		{name: "limit-cold", make: newLimit},
		{name: "ours-cold", make: func() (http.Handler, error) { return newByArgument(cold) }},
		{name: "golang-jwt", make: newGolangJWT},
		{name: "echo-jwt", make: newEchoJWT},
		{name: "gin-jwt", make: newGinJWT},
		{name: "auth0", make: newAuth0, strict: true},
		{name: "chi-jwtauth", make: newChiJWTAuth},
	} {
		handler, err := row.make()
		if err != nil {
			return nil, fmt.Errorf("make row %s: %w", row.name, err)
		}
		rows = append(rows, Row{Name: row.name, Handler: handler, strict: row.strict})
	}
	return rows, nil
}

// route puts a handler on the router that our rows have, too.
func route(h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, h)
	return mux
}

// respond is what the handlers of all rows do for the user whom they serve.
func respond(w http.ResponseWriter, userID string) {
	if userID == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

const body = `{"ok":true}`
