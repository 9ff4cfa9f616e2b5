package apikey

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	// lookupTimeout is how long a request waits for a source.
	lookupTimeout = 2 * time.Second

	// maxAsking is how many requests wait for a source at once. It is reached only
	// if the source hangs.
	maxAsking = 1024
)

// A lookup is the function of [Config.Lookup].
type lookup func(ctx context.Context, id string) (Record, error)

// A source asks a lookup and answers in bounded time, whatever the lookup does.
type source struct {
	lookup lookup
	check  func(ctx context.Context, record Record) (Record, error) // the function of [Config.Check]; may be nil
	asking atomic.Int64
}

// find returns the record of the id, and the zero Record if there is none. One that
// holds is also checked. An error is a [runtime.ErrUnavailable].
func (s *source) find(ctx context.Context, id string, holds func(*Record) bool) (Record, error) {
	if s.asking.Add(1) > maxAsking {
		s.asking.Add(-1)
		return Record{}, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	type answer struct {
		record Record
		err    error
	}
	answered := make(chan answer, 1)
	go func() { // a lookup that ignores its context must not hold the request
		defer s.asking.Add(-1)
		defer func() {
			if recover() != nil {
				answered <- answer{err: errPanic}
			}
		}()
		record, err := s.lookup(ctx, id)
		record, err = understand(id, record, err)
		if s.check != nil && err == nil && holds(&record) {
			record, err = s.check(ctx, record)
			record, err = understand(id, record, err)
		}
		answered <- answer{record, err}
	}()
	select {
	case a := <-answered:
		return a.record, a.err
	case <-ctx.Done():
		return Record{}, errNoAnswer
	}
}

// understand reads the answer of a lookup, or of a check.
func understand(id string, record Record, err error) (Record, error) {
	switch {
	case errors.Is(err, runtime.ErrInvalidCredentials), errors.Is(err, sql.ErrNoRows):
		return Record{}, nil
	case err != nil:
		return Record{}, unavailable(err)
	case record.ID == "":
		return Record{}, errNoID
	case record.ID != id: // a database that ignores case found another key
		return Record{}, nil
	}
	if err := checkScopes(record.Scopes); err != nil {
		return Record{}, unavailable(err)
	}
	return record, nil
}
