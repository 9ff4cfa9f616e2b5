package bench

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What rows refuse is not logged where it is measured: only we log it, and BenchmarkRefused says what that costs.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// rows returns all rows.
func rows(tb testing.TB) []Row {
	tb.Helper()
	rows, err := Rows()
	require.NoError(tb, err)
	return rows
}

// rowNamed returns one row.
func rowNamed(tb testing.TB, name string) Row {
	tb.Helper()
	for _, row := range rows(tb) {
		if row.Name == name {
			return row
		}
	}
	require.FailNow(tb, "no such row", name)
	return Row{}
}

// tokenFor returns a token that the row accepts, unless edit spoils it.
func tokenFor(tb testing.TB, row Row, key []byte, edit func(*Claims)) string {
	tb.Helper()
	claims := NewClaims(42)
	edit(&claims)
	token, err := row.sign(claims, key)
	require.NoError(tb, err)
	return token
}

func asIs(*Claims) {}

func expired(c *Claims) {
	c.IssuedAt = jwt.NewNumericDate(time.Now().Add(-2 * time.Hour))
	c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Hour))
}

func withoutPermission(c *Claims) { c.Permissions = c.Permissions[:9] }

var otherSecret = []byte(strings.Repeat("another key", 4))

// No row does less than the others: all of them check signature, expiry and permission, and hand the user to the handler.
func TestRowsAgree(t *testing.T) {
	for _, row := range rows(t) {
		t.Run(row.Name, func(t *testing.T) {
			serve := func(token string) *httptest.ResponseRecorder {
				w, r := httptest.NewRecorder(), request(token)
				row.Handler.ServeHTTP(w, r)
				return w
			}
			good := tokenFor(t, row, secret, asIs)
			forged := tokenFor(t, row, otherSecret, asIs)
			for range 2 { // the second time it may be remembered
				w := serve(good)
				assert.Equal(t, 200, w.Code)
				assert.Equal(t, body, w.Body.String())
				assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
				if row.public {
					return
				}
				assert.Equal(t, 401, serve(forged).Code, "signed with another key")
				assert.Equal(t, 401, serve(good[:strings.LastIndexByte(good, '.')]+forged[strings.LastIndexByte(forged, '.'):]).Code, "forged signature")
				assert.Equal(t, 401, serve(tokenFor(t, row, secret, expired)).Code, "expired")
				assert.Equal(t, 403, serve(tokenFor(t, row, secret, withoutPermission)).Code, "without permission")
			}
		})
	}
}

// request returns a request with the token.
func request(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, Path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}
