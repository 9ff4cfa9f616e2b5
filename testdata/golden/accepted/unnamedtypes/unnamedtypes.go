// Package unnamedtypes provides parameters without names, whose variables are named after all kinds of types.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package unnamedtypes

import (
	"net/http"
	"net/url"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type Server struct{}

type (
	Type     struct{}
	Error    struct{}
	String   string
	HTTPUser struct{}
	URL      struct{}
	Server_  struct{}
	R        struct{}
	W        struct{}
	ERR      int
	small    struct{}
)

//auth:provide
func newType() Type { return Type{} }

//auth:provide
func newError() (*Error, error) { return &Error{}, nil }

//auth:provide
func newString() String { return "" }

//auth:provide
func newHTTPUser() *HTTPUser { return &HTTPUser{} }

//auth:provide
func newURL() URL { return URL{} }

//auth:provide
func newStdURL() *url.URL { return &url.URL{} }

//auth:provide
func newServer() Server_ { return Server_{} }

//auth:provide
func newR() R { return R{} }

//auth:provide
func newW() (W, error) { return W{}, nil }

//auth:provide
func newERR() (ERR, error) { return 1, nil }

//auth:provide
func newSmall() small { return small{} }

//auth:provide
func newURLs() []*url.URL { return nil }

//auth:provide
func newMap() map[string]*HTTPUser { return nil }

//auth:provide
func newFunc() func(int) (string, error) { return nil }

//auth:provide
func newChan() <-chan int { return nil }

//auth:provide
func newStruct() struct{ X, Y int } { return struct{ X, Y int }{} }

//auth:provide
func newInterface() interface{ Foo() string } { return foo{} }

//auth:provide
func newFloat() float64 { return 1 }

type foo struct{}

func (foo) Foo() string { return "foo" }

//auth:route GET /all
func (*Server) All(Type, *Error, String, *HTTPUser, URL, *url.URL, Server_, R, W, ERR, small, []*url.URL, map[string]*HTTPUser,
	func(int) (string, error), <-chan int, struct{ X, Y int }, interface{ Foo() string }, float64, http.ResponseWriter) {
}
