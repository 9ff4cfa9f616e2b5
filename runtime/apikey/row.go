package apikey

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// columns are those of the table, in the order of [Record.values] and of scan.
const columns = `id, prefix, digest, name, owner, permissions, scopes,
	created_at, not_before, expires_at, revoked_at, used_at,
	previous_digest, previous_expires_at, previous_used_at`

// values returns a row.
func (r Record) values() []any {
	var previous []byte
	if r.Previous != (Digest{}) {
		previous = r.Previous[:]
	}
	return []any{
		r.ID, r.Prefix, r.SHA256[:], r.Name, r.Owner, encodeList(r.Permissions), encodeList(r.Scopes),
		micros(r.Created), nullable(r.NotBefore), nullable(r.Expires), nullable(r.Revoked), nullable(r.Used),
		previous, nullable(r.PreviousExpires), nullable(r.PreviousUsed),
	}
}

// scan reads a row.
func scan(row interface{ Scan(...any) error }) (Record, error) {
	var (
		r                                                                         Record
		digest, previous                                                          []byte
		permissions, scopes                                                       string
		created, notBefore, expires, revoked, used, previousExpires, previousUsed sql.NullInt64
	)
	if err := row.Scan(&r.ID, &r.Prefix, &digest, &r.Name, &r.Owner, &permissions, &scopes,
		&created, &notBefore, &expires, &revoked, &used, &previous, &previousExpires, &previousUsed, sqlstore.Primary{}); err != nil {
		return Record{}, err
	}
	known := r.ID != ""
	if known && len(digest) != len(r.SHA256) || len(previous) != 0 && len(previous) != len(r.Previous) {
		return Record{}, fmt.Errorf("%w: a digest is none", errData)
	}
	copy(r.SHA256[:], digest)
	copy(r.Previous[:], previous)
	if json.Unmarshal([]byte(permissions), &r.Permissions) != nil || json.Unmarshal([]byte(scopes), &r.Scopes) != nil {
		return Record{}, fmt.Errorf("%w: permissions or scopes are no list of strings", errData)
	}
	for _, instant := range []struct {
		field  *time.Time
		column sql.NullInt64
	}{
		{&r.Created, created}, {&r.NotBefore, notBefore}, {&r.Expires, expires}, {&r.Revoked, revoked},
		{&r.Used, used}, {&r.PreviousExpires, previousExpires}, {&r.PreviousUsed, previousUsed},
	} {
		if !instant.column.Valid {
			continue
		}
		if *instant.field = time.UnixMicro(instant.column.Int64); instant.field.IsZero() {
			return Record{}, fmt.Errorf("%w: an instant is zero", errData) // which would mean never
		}
	}
	if !known { // not before: see lookupStatement
		return Record{}, sql.ErrNoRows
	}
	return r, nil
}

// encodeList returns a JSON list, which an empty one is, too.
func encodeList(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // there is nothing in strings that could fail
	}
	return string(text)
}

// nullable returns an instant in Unix microseconds, and NULL if it is zero.
func nullable(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: micros(t), Valid: !t.IsZero()}
}

// The first second that [time.Time] can tell, and the last one of the year 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// micros returns an instant in Unix microseconds. Instants that are too early or
// too late become the first and the last one, so that "never" stays late. None
// becomes that of the zero time.
func micros(t time.Time) int64 {
	const earliest = firstSecond*1_000_000 + 1
	switch second := t.Unix(); {
	case second < firstSecond:
		return earliest
	case second >= lastSecond:
		return lastSecond * 1_000_000
	}
	return max(t.UnixMicro(), earliest)
}
