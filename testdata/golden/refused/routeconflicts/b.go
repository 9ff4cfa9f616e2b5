package routeconflicts

import "net/http"

//auth:route /files/{path...}
func D(http.ResponseWriter, *http.Request) {}

//auth:route GET /articles/{id}
func E(http.ResponseWriter, *http.Request) {}

//auth:route HEAD /v1/articles/{id}
func (Server) Head(http.ResponseWriter, *http.Request) {}

//auth:route GET /articles/{id}
func (Server) Again(http.ResponseWriter, *http.Request) {}
