package main

import (
	"net/http"
	"net/netip"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// LogInPage is where a person logs in.
//
//auth:route GET /login
//auth:guard AllowAny()
func (s *Server) LogInPage(w http.ResponseWriter) error {
	return sendPage(w, http.StatusOK, "login", loginPage{})
}

// Account is a page that shows a user's sessions and API keys.
//
//auth:route GET /account
//auth:backend s.Sessions
func (s *Server) Account(w http.ResponseWriter, r *http.Request, user *User) error {
	return s.sendAccount(w, r, user, "")
}

// An account is what the page shows. The new key is empty unless it was made just now.
type account struct {
	User     *User
	Sessions []session.Info
	Keys     []apikey.Record
	NewKey   string
}

func (s *Server) sendAccount(w http.ResponseWriter, r *http.Request, user *User, newKey string) error {
	sessions, err := s.Sessions.Sessions(r, formatID(user.ID))
	if err != nil {
		return err
	}
	keys, err := s.keys.Of(r.Context(), user)
	if err != nil {
		return err
	}
	return sendPage(w, http.StatusOK, "account", account{user, sessions, keys, newKey})
}

// EndSession ends one of the user's sessions, which the form names by "id".
//
//auth:route POST /account/sessions/end
//auth:backend s.Sessions
func (s *Server) EndSession(w http.ResponseWriter, r *http.Request, user *User) error {
	var id string
	if err := readForm(w, r, map[string]*string{"id": &id}); err != nil {
		return err
	}
	if err := s.Sessions.End(r.Context(), formatID(user.ID), id); err != nil {
		return err
	}
	sendTo(w, r, "/account")
	return nil
}

// CreateKey makes an API key with all that the user may do, and shows it once. The form has its "name". A key lives longer than the
// session, so the user must have proved a moment ago that it is them.
//
//auth:route POST /account/keys
//auth:backend s.Sessions
//auth:guard Fresh(5 * time.Minute)
func (s *Server) CreateKey(w http.ResponseWriter, r *http.Request, user *User) error {
	var name string
	if err := readForm(w, r, map[string]*string{"name": &name}); err != nil {
		return err
	}
	key, err := s.keys.Create(r.Context(), user, name)
	if err != nil {
		return err
	}
	return s.sendAccount(w, r, user, key)
}

// RevokeKey revokes one of the user's API keys, which the form names by "id".
//
//auth:route POST /account/keys/revoke
//auth:backend s.Sessions
func (s *Server) RevokeKey(w http.ResponseWriter, r *http.Request, user *User) error {
	var id string
	if err := readForm(w, r, map[string]*string{"id": &id}); err != nil {
		return err
	}
	if err := s.keys.Revoke(r.Context(), user, id); err != nil {
		return err
	}
	sendTo(w, r, "/account")
	return nil
}

// clientAddress returns where a request comes from. Behind a proxy that is the proxy.
func clientAddress(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr) // invalid if it is none
	return address.Addr().Unmap()
}
