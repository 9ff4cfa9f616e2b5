package session_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// A user logs in, asks who they are, and logs out.
func Example() {
	backend, err := session.New(session.Config{
		Store: session.NewMemory(),
		Idle:  30 * time.Minute,
		User: func(_ context.Context, id string) (runtime.Identity, error) {
			if id != "7" {
				return runtime.Identity{}, runtime.ErrNotFound
			}
			return runtime.Identity{UserID: "7", Permissions: []string{"blog.view_article"}}, nil
		},
	})
	if err != nil {
		panic(err)
	}

	// The handler of the login page, once it has compared the password.
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/session/login", nil)
	fmt.Println("log in:", backend.LogIn(w, r, "7", session.Options{}))
	cookie := w.Result().Cookies()[0]
	fmt.Println(cookie.Name, cookie.Secure, cookie.HttpOnly)

	// A guard, on any other request.
	r = httptest.NewRequest(http.MethodPost, "/articles", nil)
	r.AddCookie(cookie)
	principal, err := backend.Authenticate(r)
	fmt.Println(principal, err, principal.HasPermission("blog.view_article"))

	fmt.Println("log out:", backend.LogOut(httptest.NewRecorder(), r))
	principal, err = backend.Authenticate(r)
	fmt.Println(principal, err)
	// Output:
	// log in: <nil>
	// __Host-session true true
	// "7" by "session" <nil> true
	// log out: <nil>
	// anonymous invalid credentials: no such session
}

func ExampleKey() {
	type Cart struct{ Items []string }
	cart := session.NewKey[Cart]("cart") // usually a variable of the package

	backend, err := session.New(session.Config{
		Store: session.NewMemory(),
		User: func(_ context.Context, id string) (runtime.Identity, error) {
			return runtime.Identity{UserID: id}, nil
		},
	})
	if err != nil {
		panic(err)
	}
	add := func(r *http.Request, item string) error {
		opened, err := backend.Session(r)
		if err != nil {
			return err // answered with 401
		}
		c, err := cart.Get(opened)
		if err != nil {
			return err
		}
		c.Items = append(c.Items, item)
		if err := cart.Set(opened, c); err != nil {
			return err
		}
		fmt.Println(c.Items)
		return opened.Save(r.Context()) // answered with 409 if another request was faster
	}

	w := httptest.NewRecorder()
	if err := backend.LogIn(w, httptest.NewRequest(http.MethodPost, "/", nil), "7", session.Options{}); err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/cart", nil)
	r.AddCookie(w.Result().Cookies()[0])
	principal, err := backend.Authenticate(r) // generated code does these two
	if err != nil {
		panic(err)
	}
	r = r.WithContext(runtime.NewContext(r.Context(), principal))
	fmt.Println(add(r, "apple"))
	fmt.Println(add(r, "pear"))
	// Output:
	// [apple]
	// <nil>
	// [apple pear]
	// <nil>
}
