package redisstore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// holders is the kind of a session's user. There is no issuer.
const holders kind = 's'

// Lengths in a session's text.
const (
	changingLength = digits + digits + 32
	lengthDigits   = 10
)

// rounded returns a record with its instants as they are kept.
func rounded(r session.Record) session.Record {
	for _, t := range []*time.Time{&r.AuthTime, &r.Created, &r.Seen, &r.Expires, &r.Deadline} {
		*t = time.UnixMicro(instant.Micros(*t))
	}
	return r
}

// recordText returns the text of a session: its place, Seen, Deadline, what an update changes, the length of what never
// changes and that, and the data.
func recordText(r session.Record) (p place, rest string) {
	p = place{
		expires: instant.Micros(r.Expires),
		user:    bytes32(holders.digest("", r.UserID)),
		started: instant.Micros(r.Created),
		name:    r.ID,
	}
	flag := "0"
	if r.Remembered {
		flag = "1"
	}
	fixed := fmt.Sprintf("%s%d:%s%d:%s%s", flag, len(r.UserID), r.UserID, len(r.UserAgent), r.UserAgent, r.Address)
	return p, padded(instant.Micros(r.Seen)) + padded(instant.Micros(r.Deadline)) + changing(r) +
		fmt.Sprintf("%0*d", lengthDigits, len(fixed)) + fixed + string(r.Data)
}

// changing returns what an update changes, beside the data: Version, AuthTime and Secret.
func changing(r session.Record) string {
	return padded(r.Version) + padded(instant.Micros(r.AuthTime)) + string(r.Secret[:])
}

// parseRecord is the inverse of recordText. What that would not return is an error.
func parseRecord(text string) (session.Record, error) {
	p, rest, err := parsePlace(text)
	if err != nil || len(rest) < 2*digits+changingLength+lengthDigits {
		return session.Record{}, errData
	}
	var n [4]int64 // Seen, Deadline, Version, AuthTime
	for i := range n {
		if n[i], err = parsePadded(rest[i*digits : (i+1)*digits]); err != nil {
			return session.Record{}, err
		}
	}
	rest = rest[4*digits:]
	r := session.Record{
		ID: p.name, Secret: bytes32(rest),
		AuthTime: time.UnixMicro(n[3]), Created: time.UnixMicro(p.started), Seen: time.UnixMicro(n[0]),
		Expires: time.UnixMicro(p.expires), Deadline: time.UnixMicro(n[1]), Version: n[2],
	}
	fixed, data, err := cut(rest[32+lengthDigits:], rest[32:32+lengthDigits])
	if err != nil || parseFixed(&r, fixed) != nil || r.Validate() != nil || p.user != bytes32(holders.digest("", r.UserID)) {
		return session.Record{}, errData
	}
	if data != "" {
		r.Data = []byte(data)
	}
	return r, nil
}

// parseFixed reads what never changes.
func parseFixed(r *session.Record, fixed string) error {
	if fixed == "" || fixed[0] != '0' && fixed[0] != '1' {
		return errData
	}
	r.Remembered, fixed = fixed[0] == '1', fixed[1:]
	for _, into := range []*string{&r.UserID, &r.UserAgent} {
		length, rest, _ := strings.Cut(fixed, ":")
		var err error
		if *into, fixed, err = cut(rest, length); err != nil {
			return err
		}
	}
	r.Address = fixed
	return nil
}

// cut cuts a text after so many bytes.
func cut(text, length string) (head, tail string, err error) {
	n, err := strconv.ParseUint(length, 10, 63)
	if err != nil || n > uint64(len(text)) {
		return "", "", errData
	}
	return text[:n], text[n:], nil
}
