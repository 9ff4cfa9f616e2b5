// Package receivernames has receivers called like the variables of generated functions: guards read as they are written.
//
//auth:backend backend
package receivernames

import (
	"context"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type (
	Router    struct{ closed bool }
	Writer    struct{ closed bool }
	Posts     struct{ closed bool }
	Groups    struct{ closed bool }
	Calls     struct{ closed bool }
	Errors    struct{ closed bool }
	APIs      struct{ closed bool }
	Contextes struct{ closed bool }
)

//auth:route GET /r
//auth:guard !r.closed && req.Method == "GET" && p.UserID() != "staff"
func (r *Router) Get(w http.ResponseWriter, req *http.Request, p *runtime.Principal) {}

//auth:route GET /w
//auth:guard !w.closed && IsAuthenticated()
func (w *Writer) Get(rw http.ResponseWriter, r *http.Request) {}

//auth:route GET /p/{id}
//auth:guard !p.closed && HasPermission("blog.view_article") && user.UserID() == "viewer"
func (p *Posts) Get(id int, user *runtime.Principal) (int, error) { return id, nil }

//auth:route GET /g/{id}
//auth:guard !g.closed && id > 0
func (g *Groups) Get(id int) {}

//auth:route GET /call/{id}
//auth:guard !call.closed && id > 0
func (call *Calls) Get(id int) {}

//auth:route GET /err/{id}
//auth:guard !err.closed && id > 0
func (err *Errors) Get(id int) error { return nil }

//auth:route GET /api/{id}
//auth:guard !api.closed && id > 0
func (api *APIs) Get(id int) (string, error) { return "api", nil }

//auth:route GET /ctx/{ok}
//auth:guard !ctx.closed && ok && c.Err() == nil
func (ctx *Contextes) Get(c context.Context, ok bool) error { return nil }
