package bench

import (
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Path is what every row serves.
const Path = "/me"

// Permission is the one that every row asks for.
const Permission = "auth.view_user"

// Who signs for whom, where a row's library insists on knowing.
const (
	issuer   = "https://issuer.example/"
	audience = "bench"
)

// secret is the key of HS256 in all rows. It protects nothing.
var secret = []byte("benchmarks only: nothing is behind this key")

// Claims are what a token says, in the type that a program which uses golang-jwt by hand declares.
type Claims struct {
	jwt.RegisteredClaims
	Staff       bool     `json:"is_staff"`
	Superuser   bool     `json:"is_superuser"`
	Username    string   `json:"username"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions"`
}

// NewClaims returns the claims of a token that holds for the next day. The number is at least 1; those of different numbers differ.
func NewClaims(number int) Claims {
	n, now := strconv.Itoa(number), time.Now()
	return Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   n,
			ID:        "5YKXQ2ZL7JQ4R3W2ZP6T4Q7H3A" + n,
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(24 * time.Hour)),
		},
		Username: "alice",
		Email:    "alice@example.com",
		Permissions: []string{
			"blog.view_article", "blog.add_article", "blog.change_article", "blog.delete_article", "blog.view_comment",
			"shop.view_order", "shop.add_order", "shop.change_order", "shop.delete_order", Permission,
		},
	}
}

// sign returns a token with these claims.
func sign(claims Claims, algorithm string, key any) (string, error) {
	return jwt.NewWithClaims(jwt.GetSigningMethod(algorithm), claims).SignedString(key)
}
