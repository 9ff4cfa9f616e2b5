package bench

import (
	"context"
	"net/http"
	"slices"
	"strings"

	ginjwt "github.com/appleboy/gin-jwt/v2"
	jwtmiddleware "github.com/auth0/go-jwt-middleware/v2"
	"github.com/auth0/go-jwt-middleware/v2/validator"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/jwtauth/v5"
	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

// The peers' rows are written as their manuals have it, with claims of a declared type wherever the library can do that, since that
// is faster than a map.

// claimsKey is the key of the claims in the context.
type claimsKey struct{}

// newGolangJWT returns the row of middleware that is written by hand with golang-jwt.
func newGolangJWT() (http.Handler, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	key := func(*jwt.Token) (any, error) { return secret, nil }
	next := route(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims := r.Context().Value(claimsKey{}).(*Claims)
		if !slices.Contains(claims.Permissions, Permission) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		respond(w, claims.Subject)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		claims := new(Claims)
		if _, err := parser.ParseWithClaims(token, claims, key); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), claimsKey{}, claims)))
	}), nil
}

// newEchoJWT returns the row of labstack/echo-jwt.
func newEchoJWT() (http.Handler, error) {
	e := echo.New()
	e.Use(echojwt.WithConfig(echojwt.Config{
		SigningKey:    secret,
		NewClaimsFunc: func(echo.Context) jwt.Claims { return new(Claims) },
	}))
	e.GET(Path, func(c echo.Context) error {
		claims := c.Get("user").(*jwt.Token).Claims.(*Claims)
		if !slices.Contains(claims.Permissions, Permission) {
			return echo.ErrForbidden
		}
		respond(c.Response(), claims.Subject)
		return nil
	})
	return e, nil
}

// newGinJWT returns the row of appleboy/gin-jwt.
func newGinJWT() (http.Handler, error) {
	middleware, err := ginjwt.New(&ginjwt.GinJWTMiddleware{
		Key:         secret,
		IdentityKey: "sub",
		Authorizator: func(_ any, c *gin.Context) bool {
			permissions, _ := ginjwt.ExtractClaims(c)["permissions"].([]any)
			return slices.Contains(permissions, any(Permission))
		},
	})
	if err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.Use(middleware.MiddlewareFunc())
	g.GET(Path, func(c *gin.Context) { respond(c.Writer, c.GetString("sub")) })
	return g, nil
}

// auth0Claims are the claims that auth0's library leaves to the application.
type auth0Claims struct {
	Staff       bool     `json:"is_staff"`
	Superuser   bool     `json:"is_superuser"`
	Username    string   `json:"username"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions"`
}

// Validate implements [validator.CustomClaims].
func (*auth0Claims) Validate(context.Context) error { return nil }

// newAuth0 returns the row of auth0/go-jwt-middleware.
func newAuth0() (http.Handler, error) {
	v, err := validator.New(
		func(context.Context) (any, error) { return secret, nil },
		validator.HS256, issuer, []string{audience},
		validator.WithCustomClaims(func() validator.CustomClaims { return new(auth0Claims) }),
	)
	if err != nil {
		return nil, err
	}
	return jwtmiddleware.New(v.ValidateToken).CheckJWT(route(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims := r.Context().Value(jwtmiddleware.ContextKey{}).(*validator.ValidatedClaims)
		if !slices.Contains(claims.CustomClaims.(*auth0Claims).Permissions, Permission) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		respond(w, claims.RegisteredClaims.Subject)
	}))), nil
}

// newChiJWTAuth returns the row of go-chi/jwtauth. It needs nothing of chi, so its router is the same as elsewhere.
func newChiJWTAuth() (http.Handler, error) {
	auth := jwtauth.New("HS256", secret, nil)
	return jwtauth.Verifier(auth)(jwtauth.Authenticator(auth)(route(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, claims, _ := jwtauth.FromContext(r.Context())
		permissions, _ := claims["permissions"].([]any)
		if !slices.Contains(permissions, any(Permission)) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		respond(w, token.Subject())
	})))), nil
}
