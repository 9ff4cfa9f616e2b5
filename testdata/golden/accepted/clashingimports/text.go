package clashingimports

import (
	"net/http"
	"text/template"
)

//auth:route GET /text/{s}
//auth:guard template.HTMLEscapeString(s) == s && http.StatusText(200) == "OK"
func (srv *Server) Text(s string, w http.ResponseWriter, r *http.Request) {
	template.HTMLEscape(w, []byte(s))
}
