package aliasedimports

import (
	web "net/http"
	strs "strings"
)

//auth:route GET /two/{name}
//auth:guard strs.Contains(name, "x")
func (s *Server) Two(w web.ResponseWriter, r *web.Request, name string) {}

// Upper makes use of an import.
func Upper(s string) string { return strs.ToUpper(s) }
