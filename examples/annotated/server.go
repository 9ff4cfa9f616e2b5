// Command annotated serves a small blog: users, passwords, tokens, API keys and articles, and who may do what with them.
//
// What stands behind //auth: below is Go, checked by the compiler, and turned into auth_gen.go by go generate. Unless a handler says
// otherwise, it is tried in this order who sent a request, and somebody must have.
//
//auth:backend s.Sessions, s.JWT, s.Keys
//auth:guard IsAuthenticated()
package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

//go:generate go tool boltauthgen

// A Server has the handlers of the blog. NewGuardedServer puts them behind their guards.
type Server struct {
	Sessions *session.Backend
	JWT      *jwtauth.Backend
	Keys     *apikey.Backend

	users    Users
	articles Articles
	tokens   *Tokens
	keys     Keys
	logins   *throttle.Limiter
}

// How many passwords or keys may be wrong within a quarter of an hour, per client address, and per account from all addresses; package
// throttle says what an account then still allows. As many passwords as an address may get wrong can wait to be hashed at once, so that no
// single address keeps all others waiting in vain.
const (
	failuresPerAddress = 100
	failuresPerAccount = 50
)

// newServer returns the handlers, not yet behind their guards, for settings, a database that is open, and what has been revoked.
func newServer(ctx context.Context, s settings, db *sql.DB, revocations revocation.Store) (*Server, error) {
	users := Users{db}
	jwt, err := jwtauth.New(jwtauth.Config{
		Secret: s.secret, Keys: s.keys, Algorithms: s.algorithms, Header: s.header, Cookie: cookieName,
		Audience: s.audience, Issuer: s.issuer, Leeway: s.leeway,
		Revocation: revocations, Check: users.Check,
	})
	if err != nil {
		return nil, err
	}
	sessions, err := newSessions(ctx, db, users)
	if err != nil {
		return nil, err
	}
	keys, err := newKeys(ctx, db, users)
	if err != nil {
		return nil, err
	}
	keyBackend, err := keys.newBackend(s.apiKeys, revocations)
	if err != nil {
		return nil, err
	}
	logins, err := throttle.New(throttle.Config{PerAddress: failuresPerAddress, PerAccount: failuresPerAccount})
	if err != nil {
		return nil, err
	}
	tokens, err := newTokens(ctx, s, db, users, revocations)
	if err != nil {
		return nil, err
	}
	return &Server{
		Sessions: sessions, JWT: jwt, Keys: keyBackend,
		users: users, articles: Articles{db}, tokens: tokens, keys: keys, logins: logins,
	}, nil
}

// A message is the answer of routes that have little to say.
type message struct {
	Message string `json:"message"`
}

var errNoUser = runtime.NewError(http.StatusForbidden, "This is for users", nil)

// user is the user behind a request. An API key has none.
//
//auth:provide
func (s *Server) user(ctx context.Context, p *runtime.Principal) (*User, error) {
	user, err := s.users.Active(ctx, p)
	if errors.Is(err, runtime.ErrNotFound) {
		return nil, errNoUser
	}
	return user, err
}

// article is the article that the path names.
//
//auth:provide
func (s *Server) article(ctx context.Context, id int64) (*Article, error) {
	return s.articles.ByID(ctx, id)
}

// token is what the token that a request came with can be revoked by.
//
//auth:provide
func (s *Server) token(p *runtime.Principal) (revocation.Token, error) {
	return tokenOf(p)
}

//auth:route GET /public
//auth:guard AllowAny()
func (s *Server) Public() message { return message{"Everybody can read this."} }

//auth:route GET /private
func (s *Server) Private() message { return message{"You are somebody."} }

//auth:route GET /staff
//auth:guard IsStaff()
func (s *Server) Staff() message { return message{"You are one of the staff."} }

//auth:route GET /admin
//auth:guard IsAdminUser()
func (s *Server) Admin() message { return message{"You are a superuser."} }

// ListArticles sends the newest articles.
//
//auth:route GET /articles
//auth:guard HasPermission(ViewArticle)
func (s *Server) ListArticles(ctx context.Context) ([]Article, error) {
	return s.articles.All(ctx)
}

//auth:route GET /content
//auth:guard HasAnyPermission(ViewArticle, AddArticle)
func (s *Server) Content() message { return message{"You read or write articles."} }

// A createdArticle is an Article that is sent with 201.
type createdArticle struct{ *Article }

// StatusCode is the status of the answer.
func (createdArticle) StatusCode() int { return http.StatusCreated }

// CreateArticle adds an article, {"title": "…", "body": "…"}, and sends it.
//
//auth:route POST /articles
//auth:guard HasPermission(AddArticle)
func (s *Server) CreateArticle(w http.ResponseWriter, r *http.Request, user *User) (createdArticle, error) {
	var title, body string
	if err := readObject(w, r, map[string]*string{"title": &title, "body": &body}); err != nil {
		return createdArticle{}, err
	}
	if strings.TrimSpace(title) == "" {
		return createdArticle{}, runtime.NewError(http.StatusBadRequest, "The title is empty", nil)
	}
	article, err := s.articles.Add(r.Context(), user, title, body)
	return createdArticle{article}, err
}

// DeleteArticle deletes an article. Authors may delete their own.
//
//auth:route DELETE /articles/{id}
//auth:guard article.IsBy(p) || HasAllPermissions(DeleteArticle, ChangeArticle)
func (s *Server) DeleteArticle(w http.ResponseWriter, r *http.Request, p *runtime.Principal, article *Article) error {
	if err := s.articles.Delete(r.Context(), article.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Me sends the user as the database has them now, whatever their token says.
//
//auth:route GET /me
func (s *Server) Me(user *User) *User { return user }

// Info sends the principal.
//
//auth:route GET /info
func (s *Server) Info(p *runtime.Principal) *runtime.Principal { return p }

// Optional sends the principal if there is one, and {"user_id": null} if not.
//
//auth:route GET /optional
//auth:guard AllowAny()
func (s *Server) Optional(p *runtime.Principal) *runtime.Principal { return p }

// Internal is for other services.
//
//auth:route GET /internal
//auth:backend s.Keys
func (s *Server) Internal() message { return message{"You have an API key."} }

// LogIn sends a pair of tokens for the user with these credentials, {"username": "…", "password": "…"}.
//
//auth:route POST /auth/token
//auth:guard AllowAny()
func (s *Server) LogIn(w http.ResponseWriter, r *http.Request) (jwtauth.Pair, error) {
	w.Header().Set("Cache-Control", "no-store") // RFC 6749 section 5.1
	if err := sameOrigin(r); err != nil {       // or any page could use up what its visitors' addresses may get wrong
		return jwtauth.Pair{}, err
	}
	user, err := s.logInWithBody(w, r)
	if err != nil {
		return jwtauth.Pair{}, err
	}
	return s.tokens.LogIn(r.Context(), user)
}

// logInWithBody returns the user whose credentials are the body, {"username": "…", "password": "…"}.
func (s *Server) logInWithBody(w http.ResponseWriter, r *http.Request) (*User, error) {
	var l login
	if err := readObject(w, r, l.fields()); err != nil {
		return nil, err
	}
	return s.logIn(r, l)
}

// logIn returns the user with these credentials. Too many wrong ones are not looked at for a while.
func (s *Server) logIn(r *http.Request, l login) (*User, error) {
	attempt, err := s.logins.Begin(r, l.username)
	if err != nil {
		return nil, err
	}
	user, err := s.users.LogIn(r.Context(), l.username, l.password)
	switch {
	case err == nil:
		attempt.Succeeded()
	case !errors.Is(err, errLogin):
		attempt.Undecided()
	}
	return user, err
}

// LogInWithCookie sends no tokens: it sets a cookie that holds the access token, out of reach for scripts. Pages of other sites
// cannot log a user in. That is checked here and not in the guard, behind which a cookie that has been revoked would keep its user out.
//
//auth:route POST /auth/cookie
//auth:guard AllowAny()
func (s *Server) LogInWithCookie(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin(r); err != nil {
		return err
	}
	user, err := s.logInWithBody(w, r)
	if err != nil {
		return err
	}
	pair, err := s.tokens.LogIn(r.Context(), user)
	if err != nil {
		return err
	}
	return sendCookie(w, pair.AccessToken, time.Now().Add(lifetime))
}

// Refresh sends the next pair of tokens for a refresh token, {"refresh_token": "…"}, which serves once.
//
//auth:route POST /auth/refresh
//auth:guard AllowAny()
func (s *Server) Refresh(w http.ResponseWriter, r *http.Request) (jwtauth.Pair, error) {
	w.Header().Set("Cache-Control", "no-store")
	var token string
	if err := readObject(w, r, map[string]*string{"refresh_token": &token}); err != nil {
		return jwtauth.Pair{}, err
	}
	return s.tokens.Refresh(r.Context(), token)
}

// LogOut revokes the token that it is called with, and the refresh token that came with it. The cookie goes, too.
//
//auth:route POST /auth/logout
func (s *Server) LogOut(w http.ResponseWriter, r *http.Request, p *runtime.Principal, token revocation.Token) error {
	if err := s.tokens.Revoke(r.Context(), token); err != nil {
		return err
	}
	return bye(w, r, p)
}

// LogOutAll revokes every token of the user that it is called by, and ends every session.
//
//auth:route POST /auth/logout-all
func (s *Server) LogOutAll(w http.ResponseWriter, r *http.Request, p *runtime.Principal) error {
	if err := s.tokens.RevokeUser(r.Context(), p); err != nil {
		return err
	}
	if err := s.endSessions(r.Context(), p); err != nil {
		return err
	}
	if p.Backend() == sessionBackend { // its cookie goes, too
		if err := s.Sessions.LogOut(w, r); err != nil {
			return err
		}
	}
	return bye(w, r, p)
}

// bye answers somebody who is logged out.
func bye(w http.ResponseWriter, r *http.Request, p *runtime.Principal) error {
	if p.Ambient() && p.Backend() == jwtBackend {
		return sendCookie(w, "", time.Unix(1, 0))
	}
	sendTo(w, r, "/login")
	return nil
}

// Sensitive is for users who proved in the last minutes that it is them.
//
//auth:route GET /sensitive
//auth:guard Fresh(5 * time.Minute)
func (s *Server) Sensitive() message { return message{"You logged in a moment ago."} }
