package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A plain handler finds who sent the request in its context.
func ExampleFromContext() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		p := runtime.FromContext(r.Context())
		if !p.IsAuthenticated() {
			fmt.Println("hello, whoever you are")
			return
		}
		fmt.Println("hello,", p.UserID())
	}

	// Tests put a principal there themselves.
	r := httptest.NewRequest("GET", "/", nil)
	handler(nil, r)
	ctx := runtime.NewContext(r.Context(), runtime.NewPrincipal(runtime.Identity{UserID: "alice"}))
	handler(nil, r.WithContext(ctx))
	// Output:
	// hello, whoever you are
	// hello, alice
}

func ExamplePrincipal_MarshalJSON() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(runtime.NewPrincipal(runtime.Identity{
		UserID:      "7",
		Staff:       true,
		Backend:     "jwt",
		Permissions: []string{"blog.view_article"},
		Claims:      map[string]any{"sub": "7", "scope": "read"},
	}))
	// Output:
	// {
	//   "user_id": "7",
	//   "is_staff": true,
	//   "is_superuser": false,
	//   "auth_backend": "jwt",
	//   "permissions": [
	//     "blog.view_article"
	//   ],
	//   "auth_claims": {
	//     "scope": "read",
	//     "sub": "7"
	//   }
	// }
}

// Handlers and providers choose the answer by the error that they return. The detail is for the client, the cause for the log.
func ExampleNewError() {
	err := fmt.Errorf("rename article: %w", runtime.NewError(http.StatusConflict, "This title is taken", io.ErrUnexpectedEOF))
	fmt.Println(err)

	err = runtime.NewError(http.StatusForbidden, "Only its author may delete an article", nil)
	fmt.Println(errors.Is(err, runtime.ErrForbidden))
	// Output:
	// rename article: 409 Conflict: This title is taken: unexpected EOF
	// true
}

// ClientCertificate is a backend for clients that prove who they are with a certificate.
type ClientCertificate struct{}

func (ClientCertificate) Name() string { return "certificate" }

func (ClientCertificate) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil, runtime.ErrNoCredentials
	}
	name := r.TLS.VerifiedChains[0][0].Subject.CommonName
	if name == "" {
		return nil, fmt.Errorf("%w: certificate without a common name", runtime.ErrInvalidCredentials)
	}
	return runtime.NewPrincipal(runtime.Identity{
		UserID:  "certificate:" + name,
		Backend: "certificate",
		Ambient: true, // browsers send certificates by themselves
	}), nil
}

// There is no scheme of HTTP for certificates, so there is nothing to challenge with.
func (ClientCertificate) Challenge(*http.Request, error) string { return "" }

func ExampleAuthenticator() {
	_, err := ClientCertificate{}.Authenticate(httptest.NewRequest("GET", "/", nil))
	fmt.Println(err)
	// Output: no credentials
}

func ExampleFormatChallenge() {
	fmt.Println(runtime.FormatChallenge("Bearer", "realm", `the "blog"`, "error", "invalid_token"))
	// Output: Bearer realm="the \"blog\"", error="invalid_token"
}

// Counter counts decisions by what came of them and why.
type Counter map[string]int

func (c Counter) Observe(_ context.Context, e runtime.Event) {
	c[fmt.Sprint(e.Outcome, " ", e.Reason)]++ // a real one has a lock, or a library for metrics
}

// What generated code does with this package, in short. Applications write directives, and this is generated from them.
func Example_generatedCode() {
	decisions := Counter{}
	api := runtime.NewAPI("blog.NewGuardedServer", runtime.WithObserver(decisions))
	backends := api.Backends(runtime.Backend{Expr: "s.Certificate", Authenticator: ClientCertificate{}})

	var me *runtime.Endpoint
	me = api.Guarded(backends, runtime.Route{
		Name: "Server.Me",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, ok := me.Enter(w, r) // a refusal has been answered
			if !ok {
				return
			}
			defer call.Recover()
			p := call.Principal()

			if !p.IsStaff() {
				call.Deny()
				return
			}

			call.Allow()
			call.Respond(p)
		}),
	}, "GET /me")
	if err := api.Err(); err != nil {
		fmt.Println(err)
		return
	}

	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/me", nil))
	fmt.Println(w.Code, w.Body)
	fmt.Println(decisions)
	// Output:
	// 401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"Authentication required"}
	// map[refused no_credentials:1]
}
