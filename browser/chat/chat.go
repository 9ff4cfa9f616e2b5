// Package chat is a server for one WebSocket and the page that opens it. Who has a session may talk, and is answered.
//
//auth:backend s.Sessions
//auth:guard IsAuthenticated()
package chat

import (
	"io"
	"net/http"

	"github.com/coder/websocket"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

//go:generate go tool boltauthgen

// A Server has the handlers. NewGuardedServer puts them behind their guards.
type Server struct {
	Sessions *session.Backend
}

// Page is an empty page, which scripts can be run on.
//
//auth:route GET /{$}
//auth:guard AllowAny()
func (s *Server) Page(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := io.WriteString(w, "<!DOCTYPE html><html lang=en><link rel=icon href='data:,'><title>Chat</title>")
	return err
}

// Talk answers each message with the name of the user in front of it, until the client closes the connection.
//
//auth:route GET /ws
func (s *Server) Talk(w http.ResponseWriter, r *http.Request, p *runtime.Principal) {
	// Whose page it is has been looked at in front of this handler; here all are welcome.
	connection, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has been answered
	}
	defer connection.CloseNow()
	for {
		kind, message, err := connection.Read(r.Context())
		if err != nil {
			return
		}
		if err := connection.Write(r.Context(), kind, append([]byte(p.UserID()+": "), message...)); err != nil {
			return
		}
	}
}
