package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

const (
	keyPrefix   = "blog"              // of the keys that users make
	keyLifetime = 90 * 24 * time.Hour // of those keys
	maxKeys     = 20                  // that a user has at a time
	maxKeysADay = 100                 // that a user makes, and sees
)

// Keys are the API keys of users, in the database. It is safe for concurrent use.
type Keys struct {
	table    *apikey.SQL
	users    Users
	creating *sync.Mutex // held while keys are counted and one is added
}

var (
	errKeyName      = runtime.NewError(http.StatusBadRequest, "The name of a key has 1 to 100 characters that can be seen", nil)
	errTooManyKeys  = runtime.NewError(http.StatusConflict, "There are 20 keys already: revoke one first", nil)
	errTooManyToday = runtime.NewError(http.StatusConflict, "That are enough keys for one day", nil)
)

func newKeys(ctx context.Context, db *sql.DB, users Users) (Keys, error) {
	table, err := apikey.NewSQL(ctx, apikey.SQLConfig{DB: db})
	return Keys{table, users, new(sync.Mutex)}, err
}

// newBackend returns the backend that accepts the keys of users and those of the configuration.
func (k Keys) newBackend(configured []apikey.Key, revocations revocation.Store) (*apikey.Backend, error) {
	guesses, err := throttle.New(throttle.Config{PerAddress: failuresPerAddress, PerAccount: failuresPerAccount})
	if err != nil {
		return nil, err
	}
	return apikey.New(apikey.Config{
		Keys: configured, Lookup: k.table.Lookup, Check: k.Check, Prefix: keyPrefix, SaveUses: k.table.SaveUses,
		Revocation: revocations, Limiter: guesses,
	})
}

// Check returns a key that holds as it counts now: its owner must be active, and it permits no more than what the owner may do.
func (k Keys) Check(ctx context.Context, record apikey.Record) (apikey.Record, error) {
	if record.Owner == "" { // made by boltauthgen key, for a service
		return record, nil
	}
	owner, err := k.users.Identity(ctx, record.Owner)
	if errors.Is(err, runtime.ErrNotFound) {
		return apikey.Record{}, apikey.ErrUnknown
	}
	if err != nil {
		return apikey.Record{}, err
	}
	record.Permissions = slices.DeleteFunc(record.Permissions, func(permission string) bool {
		return !slices.Contains(owner.Permissions, permission)
	})
	return record, nil
}

// Of returns the newest 100 keys of a user, the newest first.
func (k Keys) Of(ctx context.Context, user *User) ([]apikey.Record, error) {
	var keys []apikey.Record
	for key, err := range k.table.List(ctx, formatID(user.ID)) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	slices.Reverse(keys)
	return keys[:min(len(keys), maxKeysADay)], nil
}

// Create makes a key with all that the user may do, and returns its text.
func (k Keys) Create(ctx context.Context, user *User, name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || len([]rune(name)) > 100 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", errKeyName
	}
	k.creating.Lock()
	defer k.creating.Unlock()
	now := time.Now()
	if err := k.mayCreate(ctx, user, now); err != nil {
		return "", err
	}
	permissions, err := k.users.Permissions(ctx, user.ID)
	if err != nil {
		return "", err
	}
	generated, err := apikey.Generate(keyPrefix)
	if err != nil {
		return "", err
	}
	record := apikey.Record{
		ID: generated.ID, Prefix: generated.Prefix, SHA256: generated.SHA256,
		Name: name, Owner: formatID(user.ID), Permissions: permissions, Created: now, Expires: now.Add(keyLifetime),
	}
	if record.Validate() != nil { // only the name is not ours
		return "", errKeyName
	}
	return generated.Text, k.table.Add(ctx, record)
}

// mayCreate returns an error if the user has enough keys.
func (k Keys) mayCreate(ctx context.Context, user *User, now time.Time) error {
	keys, err := k.Of(ctx, user)
	if err != nil {
		return err
	}
	alive, today := 0, 0
	for _, key := range keys {
		if !isOver(key, now) {
			alive++
		}
		if now.Sub(key.Created) < 24*time.Hour {
			today++
		}
	}
	switch {
	case alive >= maxKeys:
		return errTooManyKeys
	case today >= maxKeysADay:
		return errTooManyToday
	}
	return nil
}

// isOver reports whether a key is good for nothing any more.
func isOver(key apikey.Record, now time.Time) bool {
	return !key.Revoked.IsZero() || !key.Expires.IsZero() && !now.Before(key.Expires)
}

// Revoke revokes a key of a user. It is runtime.ErrNotFound if there is no such key, or it is another user's.
func (k Keys) Revoke(ctx context.Context, user *User, id string) error {
	key, err := k.table.Lookup(ctx, id)
	if errors.Is(err, apikey.ErrUnknown) || err == nil && key.Owner != formatID(user.ID) {
		return runtime.ErrNotFound
	}
	if err != nil {
		return err
	}
	return k.table.Revoke(ctx, id, time.Now())
}
