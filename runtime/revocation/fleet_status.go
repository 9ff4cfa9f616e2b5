package revocation

import (
	"math"
	"time"
)

// A FleetStatus is how a [Fleet] is.
type FleetStatus struct {
	Entries int  // held, those included that are over but not dropped yet
	Full    bool // there are more than MaxEntries, so not all are held

	// Oldest is up to when everything was known when the Fleet last had caught up, and
	// Lag how long ago that is, by the clock that says longer. If the wall clock was
	// set back since, or nothing was caught up with yet, Lag is the greatest Duration.
	Oldest time.Time
	Lag    time.Duration

	Notified bool // the feed tells when it has been written to: see [Notifier]
	Stale    bool // tokens of which nothing is known are not answered from memory
	Errors   int  // attempts to follow that failed since the last one that did not

	// StoreErrors is how many calls of the feed have failed since NewFleet: of attempts
	// to follow, of questions, and of those that revoke, for whatever reason: that a
	// caller has gone, or has named nothing to revoke, counts as well. It never falls.
	StoreErrors uint64
}

// Status tells how the Fleet is. Errors of the feed are told to OnPoll alone, since
// their texts may hold what is not for everyone who may see a status.
func (f *Fleet) Status() FleetStatus {
	if f == nil || f.feed == nil {
		return FleetStatus{Lag: math.MaxInt64, Stale: true}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	status := FleetStatus{Entries: f.known.size(), Full: f.partial, Lag: math.MaxInt64, Errors: f.errors, StoreErrors: f.storeErrors.Load()}
	if f.asOf != (reading{}) {
		status.Oldest, status.Lag = time.Unix(0, f.asOf.wall), f.asOf.lag(f.clock())
	}
	status.Notified = f.notified.Load()
	status.Stale = f.caughtUp.Load() == nil || status.Lag > f.bound
	return status
}
