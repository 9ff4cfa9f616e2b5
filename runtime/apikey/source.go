package apikey

import (
	"context"
	"database/sql"
	"errors"

	"github.com/boltauthgen/boltauthgen/internal/bounded"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A lookup is the function of [Config.Lookup].
type lookup func(ctx context.Context, id string) (Record, error)

// A source asks a lookup and answers in bounded time, whatever the lookup does.
type source struct {
	lookup lookup
	check  func(ctx context.Context, record Record) (Record, error) // the function of [Config.Check]; may be nil
	calls  bounded.Calls
}

// find returns the record of the id, and the zero Record if there is none. One that
// holds is also checked. An error is a [runtime.ErrUnavailable].
func (s *source) find(ctx context.Context, id string, holds func(*Record) bool) (Record, error) {
	record, err := bounded.Call(ctx, &s.calls, func(ctx context.Context) (Record, error) {
		record, err := s.lookup(ctx, id)
		record, err = understand(id, record, err)
		if s.check != nil && err == nil && holds(&record) {
			record, err = s.check(ctx, record)
			record, err = understand(id, record, err)
		}
		return record, err
	})
	if err != nil {
		return Record{}, unavailable(err)
	}
	return record, nil
}

// understand reads the answer of a lookup, or of a check.
func understand(id string, record Record, err error) (Record, error) {
	switch {
	case errors.Is(err, runtime.ErrInvalidCredentials), errors.Is(err, sql.ErrNoRows):
		return Record{}, nil
	case err != nil:
		return Record{}, err
	case record.ID == "":
		return Record{}, errNoID
	case record.ID != id: // a database that ignores case found another key
		return Record{}, nil
	}
	if err := checkScopes(record.Scopes); err != nil {
		return Record{}, err
	}
	return record, nil
}
