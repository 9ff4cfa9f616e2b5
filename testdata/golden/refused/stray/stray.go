// Package stray has directives that belong to no declaration.

//auth:guard IsStaff()

//auth:backend Keys
//auth:guard IsAuthenticated()
package stray

//auth:guard IsStaff()
import (
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Keys knows the callers.
//
//auth:guard IsStaff()
var Keys runtime.Authenticator

//auth:guard IsStaff()

// A is too far below.
//
//auth:route GET /a
func A(http.ResponseWriter, *http.Request) {
	//auth:guard IsStaff()
	if true {
		//auth:route GET /inner
		_ = func() {
			//auth:backend none
		}
	}
}

// B has one behind its brace.
//
//auth:route GET /b
func B(http.ResponseWriter, *http.Request) {} //auth:guard IsStaff()

// A Server has fields.
type Server struct {
	//auth:guard IsStaff()
	Admin http.Handler

	Public http.Handler //auth:guard AllowAny()
}

// A Store has methods that are none.
type Store interface {
	//auth:route GET /get
	Get(http.ResponseWriter, *http.Request)
}

//auth:prefix /group
type (
	// One of a group may have directives, the group may not.
	One struct{}
)

// C has one among its parameters.
//
//auth:route GET /c
func C(
	//auth:guard IsStaff()
	http.ResponseWriter,
	*http.Request,
) {
}

const (
	//auth:permissions
	View = "view"
)

//auth:guard IsStaff()
