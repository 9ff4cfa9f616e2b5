package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// newSessions returns the backend of browsers, whose sessions are in the database.
func newSessions(ctx context.Context, db *sql.DB, users Users) (*session.Backend, error) {
	store, err := session.NewSQL(ctx, session.SQLConfig{DB: db})
	if err != nil {
		return nil, err
	}
	return session.New(session.Config{Store: store, User: users.Identity})
}

// LogInSession begins a session for the user with these credentials, {"username": "…", "password": "…"} or a form of the same, and sets
// its cookie. A form that has "remember", too, begins one that lives long. Pages of other sites cannot log a user in.
//
//auth:route POST /session/login
//auth:guard AllowAny()
func (s *Server) LogInSession(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin(r); err != nil { // LogIn below would ask, too, but only once the password is known to be right
		return err
	}
	login, err := readLogin(w, r)
	if err != nil {
		return err
	}
	user, err := s.logIn(r, login)
	if err != nil {
		return loginError{err, login.username}
	}
	options := session.Options{Remember: login.remember, Address: clientAddress(r)}
	if err := s.Sessions.LogIn(w, r, formatID(user.ID), options); err != nil {
		return err
	}
	sendTo(w, r, "/account")
	return nil
}

// A loginError is why somebody of this name was not let in.
type loginError struct {
	error
	username string // as it was sent
}

// Unwrap returns the reason.
func (e loginError) Unwrap() error { return e.error }

// LogOutSession ends the session of the request.
//
//auth:route POST /session/logout
func (s *Server) LogOutSession(w http.ResponseWriter, r *http.Request) error {
	if err := s.Sessions.LogOut(w, r); err != nil {
		return err
	}
	sendTo(w, r, "/login")
	return nil
}

// Identity returns a user as sessions describe them, or runtime.ErrNotFound for one who is inactive or deleted.
func (u Users) Identity(ctx context.Context, id string) (runtime.Identity, error) {
	account, err := u.Account(ctx, id)
	if err != nil {
		return runtime.Identity{}, err
	}
	permissions, _ := account.Claims["permissions"].([]string)
	return runtime.Identity{UserID: id, Staff: account.Staff, Superuser: account.Superuser, Permissions: permissions}, nil
}

// endSessions ends all sessions of a user of ours.
func (s *Server) endSessions(ctx context.Context, p *runtime.Principal) error {
	if _, ok := userID(p); !ok {
		return nil
	}
	if err := s.Sessions.EndUser(ctx, p.UserID()); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
