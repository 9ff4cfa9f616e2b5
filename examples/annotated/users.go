package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/password"
)

// A User is somebody who can log in.
type User struct {
	ID          int64  `json:"id"`
	Username    string `json:"username"`
	Email       string `json:"email"`
	IsStaff     bool   `json:"is_staff"`
	IsSuperuser bool   `json:"is_superuser"`

	isActive bool
	password string // its hash
}

// Users are the users in the database. It is safe for concurrent use.
type Users struct{ db *sql.DB }

const selectUser = `SELECT id, username, email, is_staff, is_superuser, is_active, password FROM users WHERE `

// ByID returns a user, inactive ones included, or runtime.ErrNotFound.
func (u Users) ByID(ctx context.Context, id int64) (*User, error) {
	return scanUser(u.db.QueryRowContext(ctx, selectUser+`id = ?`, id))
}

// ByName returns a user, inactive ones included, or runtime.ErrNotFound.
func (u Users) ByName(ctx context.Context, username string) (*User, error) {
	return scanUser(u.db.QueryRowContext(ctx, selectUser+`username = ?`, username))
}

func scanUser(row *sql.Row) (*User, error) {
	var user User
	err := row.Scan(&user.ID, &user.Username, &user.Email, &user.IsStaff, &user.IsSuperuser, &user.isActive, &user.password)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, runtime.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("load user: %w", err)
	}
	return &user, nil
}

// Permissions returns the permissions that a user was given, sorted.
func (u Users) Permissions(ctx context.Context, id int64) ([]string, error) {
	rows, err := u.db.QueryContext(ctx, `SELECT permission FROM user_permissions WHERE user_id = ? ORDER BY permission`, id)
	if err != nil {
		return nil, fmt.Errorf("load permissions: %w", err)
	}
	defer rows.Close()
	permissions := []string{}
	for rows.Next() {
		var permission string
		if err := rows.Scan(&permission); err != nil {
			return nil, fmt.Errorf("load permissions: %w", err)
		}
		permissions = append(permissions, permission)
	}
	return permissions, rows.Err()
}

// errLogin is the one answer to a login that fails: it does not tell unknown users, inactive users and wrong passwords apart.
var errLogin = runtime.NewError(http.StatusUnauthorized, "Wrong username or password", nil)

// LogIn returns the user with this name and password. An unknown or inactive user costs as much time as a wrong password, and is
// the same error, a runtime.ErrUnauthenticated.
func (u Users) LogIn(ctx context.Context, username, text string) (*User, error) {
	user, err := u.ByName(ctx, username)
	if errors.Is(err, runtime.ErrNotFound) {
		user = &User{password: password.Nobody()}
	} else if err != nil {
		return nil, err
	}
	matches, upgrade, err := password.Check(ctx, user.password, text)
	if err != nil {
		return nil, fmt.Errorf("check password: %w", err)
	}
	if !matches || !user.isActive {
		return nil, errLogin
	}
	if upgrade {
		return user, u.rehash(ctx, user, text)
	}
	return user, nil
}

// rehash stores a better hash of the password that a user has just proved to know, unless they have changed it meanwhile.
func (u Users) rehash(ctx context.Context, user *User, text string) error {
	hash, err := password.Hash(ctx, text)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	if _, err := u.db.ExecContext(ctx, `UPDATE users SET password = ? WHERE id = ? AND password = ?`, hash, user.ID, user.password); err != nil {
		return fmt.Errorf("store hash of password: %w", err)
	}
	return nil
}

// Active returns the user behind a principal. It is runtime.ErrNotFound for a user who is inactive or deleted, and for a principal that
// is no user.
func (u Users) Active(ctx context.Context, p *runtime.Principal) (*User, error) {
	id, ok := userID(p)
	if !ok {
		return nil, runtime.ErrNotFound
	}
	user, err := u.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if !user.isActive {
		return nil, runtime.ErrNotFound
	}
	return user, nil
}

// Check refuses tokens of users who are inactive or deleted: their logins ended, even if their tokens did not expire yet. An id that
// was never given to a user of ours is one of whoever else signs tokens for this service: such a user has what the token
// says, and nothing that needs a user of ours.
func (u Users) Check(ctx context.Context, p *runtime.Principal) error {
	id, ok := userID(p)
	if !ok {
		return nil
	}
	user, err := u.ByID(ctx, id)
	switch {
	case err == nil && user.isActive:
		return nil
	case err == nil:
		return fmt.Errorf("%w: the user is inactive", runtime.ErrRevoked)
	case !errors.Is(err, runtime.ErrNotFound):
		return fmt.Errorf("%w: %w", runtime.ErrUnavailable, err)
	}
	var last int64 // SQLite never gives an id again, and remembers the last one
	if err := u.db.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = 'users'`).Scan(&last); err != nil {
		return fmt.Errorf("%w: find last user id: %w", runtime.ErrUnavailable, err)
	}
	if 0 < id && id <= last {
		return fmt.Errorf("%w: the user is deleted", runtime.ErrRevoked)
	}
	return nil
}

// What principals report about the backend that accepted them.
const (
	sessionBackend = "session"
	jwtBackend     = "jwt"
	keyBackend     = "api_key"
)

// formatID returns the id of a user as principals have it.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// userID returns the id of the user behind a principal. The client behind an API key is none, even if its id looks like one.
func userID(p *runtime.Principal) (int64, bool) {
	if p.Backend() != sessionBackend && p.Backend() != jwtBackend {
		return 0, false
	}
	id, err := strconv.ParseInt(p.UserID(), 10, 64)
	if err != nil || formatID(id) != p.UserID() { // "+1" and "01" are names of nobody
		return 0, false
	}
	return id, true
}
