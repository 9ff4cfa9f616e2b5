// Package blog serves articles.
//
//auth:backend s.JWT, s.Keys
//auth:guard IsAuthenticated()
package blog

import (
	"context"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

//auth:permissions
const (
	ViewArticle   = "blog.view_article"
	DeleteArticle = "blog.delete_article"
)

const maxAge = 5 * time.Minute

type Server struct {
	JWT, Keys *who.Backend
}

type User struct {
	ID string `json:"id"`
}

type Article struct {
	ID       int64
	AuthorID string
}

// user loads the user behind a request.
//
//auth:provide
func (s *Server) user(ctx context.Context, p *runtime.Principal) (*User, error) {
	return &User{ID: p.UserID()}, nil
}

//auth:provide
func (s *Server) article(ctx context.Context, id int64) (*Article, error) {
	if id == 404 {
		return nil, runtime.ErrNotFound
	}
	return &Article{ID: id, AuthorID: "user"}, nil
}

// Me is a typed handler: its result is sent as JSON.
//
//auth:route GET /me
func (s *Server) Me(ctx context.Context, user *User) (*User, error) { return user, nil }

// GetArticle is a plain handler with a path value.
//
//auth:route GET /articles/{id}
//auth:guard HasPermission(ViewArticle)
func (s *Server) GetArticle(w http.ResponseWriter, r *http.Request, article *Article) error {
	return nil
}

//auth:route DELETE /articles/{id}
//auth:guard IsAdminUser() || HasPermission(DeleteArticle) || user.ID == article.AuthorID
func (s *Server) DeleteArticle(w http.ResponseWriter, r *http.Request, user *User, article *Article) error {
	return nil
}

//auth:route GET /health
//auth:guard AllowAny()
func (s *Server) Health(w http.ResponseWriter, r *http.Request) {}

func (s *Server) signed(r *http.Request) bool { return r.Header.Get("X-Who") != "user" }

func (s *Server) owns(ctx context.Context, id int64) (bool, error) { return id == 1, nil }

//auth:route POST /hook
//auth:guard AllowAny() && s.signed(r)
func (s *Server) Hook(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /own/{id}
//auth:guard HasScope("read", "write") && s.owns(ctx, id)
//auth:guard !IsStaff && Fresh(maxAge)
func (s *Server) Own(ctx context.Context, id int64) string { return "ok" }
