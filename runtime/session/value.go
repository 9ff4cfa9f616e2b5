package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// MaxData is how many bytes all values of a session may have together, as JSON with
// their keys.
const MaxData = 64 << 10

// A Session is the session of a request, opened for its values. What is set becomes
// part of the session with Save, and not before. It is not safe for concurrent use;
// a nil one and the zero Session have no values and cannot be saved.
type Session struct {
	backend *Backend
	record  Record
	values  map[string]json.RawMessage
	changed bool
}

// Session opens the session of a request that a guard has let through on account of
// it: whose principal, in its context, is that of the session. The error is
// [ErrNoSession] if there is none. Every call reads the store.
func (b *Backend) Session(r *http.Request) (*Session, error) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, record, err := b.own(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	s := &Session{backend: b, record: record, values: map[string]json.RawMessage{}}
	if len(record.Data) > 0 && (json.Unmarshal(record.Data, &s.values) != nil || s.values == nil) {
		return nil, errors.New("open session: its values are not a JSON object")
	}
	return s, nil
}

// Save makes the values part of the session, if there is anything new. The error is
// [ErrConflict] if another request has saved values since the session was opened, and
// theirs stay: open it again and do the same to those. It is [ErrNoSession] if the
// session has ended, and [ErrTooLarge].
func (s *Session) Save(ctx context.Context) error {
	if s == nil || s.backend == nil {
		return fmt.Errorf("save session: %w", errNotMade)
	}
	if !s.changed {
		return nil
	}
	record := s.record
	var err error
	if record.Data, err = json.Marshal(s.values); err != nil {
		return errors.New("save session: its values are no JSON") // each has been encoded before
	}
	if len(record.Data) > MaxData {
		return fmt.Errorf("save session: %w", ErrTooLarge)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.backend.update(ctx, record, s.backend.present()); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	record.Version++
	s.record, s.changed = record, false
	return nil
}

// A Key names a value of sessions that is of type T, which encoding/json must be able
// to encode and decode. Keys of one name are the same key: let each be a variable
// of a package, made by [NewKey].
type Key[T any] struct{ name string }

// NewKey returns the key of this name. It panics if the name is empty.
func NewKey[T any](name string) Key[T] {
	if name == "" {
		panic("session.NewKey: the name is empty")
	}
	return Key[T]{name}
}

// Get returns the value, and the zero T if there is none. The error says that what
// is there is not of type T: written by another version of the program, say. It does
// not say what is there.
func (k Key[T]) Get(s *Session) (T, error) {
	var value T
	if s == nil || s.values[k.name] == nil {
		return value, nil
	}
	if err := json.Unmarshal(s.values[k.name], &value); err != nil {
		var zero T
		return zero, fmt.Errorf("get session value %q: not a %T", k.name, zero)
	}
	return value, nil
}

// Set sets the value as it is now: later changes to what it points to need another
// Set. The error says that it cannot be encoded, or is a [ErrTooLarge].
func (k Key[T]) Set(s *Session, value T) error {
	if s == nil || s.values == nil || k.name == "" {
		return fmt.Errorf("set session value: %w", errNotMade)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("set session value %q: a %T that JSON cannot hold", k.name, value)
	}
	if len(text) > MaxData {
		return fmt.Errorf("set session value %q: %w", k.name, ErrTooLarge)
	}
	s.values[k.name] = text
	s.changed = true
	return nil
}

// Delete removes the value, if there is one.
func (k Key[T]) Delete(s *Session) {
	if s == nil || s.values[k.name] == nil {
		return
	}
	delete(s.values, k.name)
	s.changed = true
}
