package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var (
	errLimit  = errors.New("the limit is not positive")
	errBroken = errors.New("the server has lost a part of what was revoked: its keys do not go together")
)

// Changes returns what was written since a call that returned since as its next one, the oldest first, limit at most;
// zero stands for the beginning. Whoever calls it again and again misses nothing that is not over: a write that has
// returned without an error is in the next answers, unless the same was revoked once more, which is in one that comes
// later. What was written by a call that returned an error may be in them, too. Nothing that is alive ever leaves
// them, so it does not matter how long ago the last call was.
//
// A next that is less than since means that the server has lost what it had, or a part of it: begin again from zero, and
// keep what is known. It is noticed when the mark on the server is gone or newer than since, as after FLUSHALL,
// and when the last write is older than since, as after a failover to a replica that lags behind. As long as there is no
// mark, the call from zero returns an error, like all others.
//
// The numbers are Unix microseconds by the server's clock, or greater, where a clock is behind another one. So they
// still rise when a server has lost its last writes, or was replaced by a copy that never had them. If such a copy has
// been written to before the next call, the loss may go unnoticed; whoever wants to be safe from that, and from clocks that
// differ, asks once more from a bit earlier.
func (s *Revocation) Changes(ctx context.Context, since int64, limit int) (changes []revocation.Change, next int64, err error) {
	// Why nothing is missed: a script takes its number and writes it with its entry, and no other runs meanwhile. So who
	// sees a number sees all that are smaller. Why nothing leaves: a number is removed together with its entry, when that
	// is over, and by nothing else. An entry has one number, so the feed is as long as there are entries, and no trimming
	// by length or age is needed, which could only be wrong.
	if err := s.ready(ctx); err != nil {
		return nil, since, fmt.Errorf("read revocations: %w", err)
	}
	if limit <= 0 {
		return nil, since, fmt.Errorf("read revocations: %w", errLimit)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	changes, next, err = s.changesAfter(ctx, max(since, 0), limit)
	if err != nil {
		return nil, since, fmt.Errorf("read revocations: %w", err)
	}
	return changes, next, nil
}

func (s *Revocation) changesAfter(ctx context.Context, since int64, limit int) (changes []revocation.Change, next int64, err error) {
	reply, err := changesScript.Run(ctx, s.client, s.keys, since, limit).Slice()
	if err != nil {
		return nil, 0, err
	}
	lost, err := lostSince(reply, since)
	switch {
	case err != nil:
		return nil, 0, err
	case lost && since > 0:
		return nil, 0, nil
	case lost:
		return nil, 0, errLost
	}
	return listed(reply[3:], since)
}

// lostSince reports whether the server has lost writes that somebody may have seen who has come to a number.
func lostSince(reply []any, since int64) (bool, error) {
	if len(reply) < 3 {
		return false, errData
	}
	if reply[0] == nil {
		return true, nil
	}
	began, err := number(reply[0])
	if err != nil {
		return false, err
	}
	last, err := number(reply[1])
	if err != nil {
		return false, err
	}
	if reply[2] != int64(1) {
		return false, errBroken
	}
	return since > 0 && (since < began || since > last), nil
}

// listed returns what a list of numbers and entries says.
func listed(reply []any, since int64) (changes []revocation.Change, next int64, err error) {
	next = since
	for ; len(reply) >= 2; reply = reply[2:] {
		if next, err = number(reply[0]); err != nil {
			return nil, 0, err
		}
		text, _ := reply[1].(string)
		e, err := parse(text)
		if err != nil {
			return nil, 0, err
		}
		changes = append(changes, e.change())
	}
	return changes, next, nil
}

func number(value any) (int64, error) {
	text, _ := value.(string)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errData
	}
	return n, nil
}
