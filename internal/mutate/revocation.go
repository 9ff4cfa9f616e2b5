package main

const (
	fleet         = "runtime/revocation/fleet.go"
	fleetFollower = "runtime/revocation/follower.go"
	fleetClock    = "runtime/revocation/clock.go"
	notifier      = "runtime/revocation/notifier.go"
	breaker       = "runtime/revocation/breaker.go"
	memory        = "runtime/revocation/memory.go"
	memoryTable   = "runtime/revocation/table.go"
	asker         = "internal/revoked/revoked.go"
	boundedCall   = "internal/bounded/bounded.go"
	instants      = "internal/instant/instant.go"
	keyBackend    = "runtime/apikey/authenticate.go"
	throttleTable = "runtime/throttle/table.go"
	limiter       = "runtime/throttle/throttle.go"
)

// revocationMutants break what has to be known of what was revoked, and what holds guesses down.
var revocationMutants = []mutant{
	{"a fleet answers from memory beyond its bound", fleet, `return caughtUp != nil && caughtUp.lag(now) <= f.bound && !f.wasAhead(now)`, `return caughtUp != nil && !f.wasAhead(now)`},
	{"a fleet answers from memory before it has read anything", fleet, `return caughtUp != nil && caughtUp.lag(now) <= f.bound && !f.wasAhead(now)`, `return caughtUp == nil || caughtUp.lag(now) <= f.bound && !f.wasAhead(now)`},
	{"a fleet answers from memory when a clock was ahead", fleet, `return caughtUp != nil && caughtUp.lag(now) <= f.bound && !f.wasAhead(now)`, `return caughtUp != nil && caughtUp.lag(now) <= f.bound`},
	{"a request says that a fleet is fresh", fleet, `return false, f.fresh(caughtUp, at) || caughtUp != nil && at.before(*caughtUp) // caught up meanwhile`, "_, _ = at, caughtUp\n\treturn false, true"},
	{"Refuse asks", fleet, `if f.stale == Refuse {`, `if false {`},
	{"an error of the feed is a no", fleet, "f.storeErrors.Add(1)\n\t\treturn false, unavailable(err)", "f.storeErrors.Add(1)\n\t\treturn false, nil"},
	{"a feed that fails is asked for each request", fleet, "if err := f.failing(); err != nil {\n\t\treturn false, unavailable(err)\n\t}", ""},
	{"Serve serves without end", fleet, `if lag > f.serve {`, `if false {`},
	{"Serve tells nobody", fleet, "\tf.onServe(ctx, t, lag)\n", ""},
	{"what was not stored is known", fleet, "f.storeErrors.Add(1)\n\t\treturn err", "f.storeErrors.Add(1)"},
	{"what an instance has revoked it does not know", fleet, "\treturn c.Apply(ctx, f.known)\n", "\treturn nil\n"},
	{"nobody is told that a feed has lost something", fleetFollower, "\t\t\tf.onPoll(ErrFeedLost)\n", ""},
	{"a feed that has lost something is not read anew", fleetFollower, "f.onPoll(ErrFeedLost)\n\t\t\tf.beginAgain()", "f.onPoll(ErrFeedLost)\n\t\t\tat.arrive(next)\n\t\t\treturn began, nil"},
	{"what is known is as old as the end of the call", fleetFollower, `return began, nil`, "_ = began\n\t\t\treturn f.clock(), nil"},
	{"a full answer has everything", fleetFollower, `switch full := len(changes) >= batch; {`, `switch full := false; {`},
	{"a change that is none is passed over", fleetFollower, `err = errNoChange`, `_ = errNoChange`},
	{"what there is no room for is known", fleetFollower, "case f.full() && !f.known.holds(c):\n\t\t\tf.setPartial()", "case f.full() && !f.known.holds(c):"},
	{"nothing is read again", fleetFollower, `at.since, at.earlier, at.recent = at.earlier, at.recent, at.since`, `_ = at`},
	{"a clock that was ahead has nothing read anew", fleetFollower, `if f.wasAhead(now) { // what seemed to be over then may be alive`, `if false {`},
	{"what is held already needs room", fleetFollower, `case f.full() && !f.known.holds(c):`, `case f.full():`},
	{"the wall clock does not count", fleetClock, `return time.Duration(max(wall, mono))`, `return time.Duration(mono)`},
	{"the monotonic clock does not count", fleetClock, `return time.Duration(max(wall, mono))`, `return time.Duration(wall)`},
	{"a clock that was set back does not count", fleetClock, `if wall < 0 || mono < 0 {`, `if mono < 0 {`},
	{"an instant of long ago is as good as now", fleetClock, `return 0 < wall && wall < bit && 0 < mono && mono < bit`, `return 0 < wall && 0 < mono`},
	{"a feed that is written to is read all the time", notifier, `changedPause = 25 * time.Millisecond`, `changedPause = 0`},
	{"a feed that tells no more is not listened to again", notifier, `for logged := false; ctx.Err() == nil; wait(ctx, listenAgain) {`, `for logged := false; ctx.Err() == nil; <-ctx.Done() {`},
	{"a breaker never opens", breaker, `b.failures = min(b.failures+1, b.config.Failures)`, `b.failures = 0`},
	{"a breaker lets all try at once", breaker, `if b.trying || b.now().Before(b.until) {`, `if b.now().Before(b.until) {`},
	{"a breaker never closes", breaker, "case good:\n\t\tb.failures = 0", "case good:"},
	{"a user who was revoked is so for good", memory, `return t.IssuedAt.IsZero() || instant.Micros(t.IssuedAt) <= before`, "_ = before\n\t\t\treturn true"},
	{"a token that does not say when it was issued is good", memory, `return t.IssuedAt.IsZero() || instant.Micros(t.IssuedAt) <= before`, `return !t.IssuedAt.IsZero() && instant.Micros(t.IssuedAt) <= before`},
	{"families are not looked at", memory, `if t.Family != "" {`, `if false {`},
	{"a shorter end counts", memoryTable, `if value > free.value.Load() {`, `if true {`},
	{"what is alive is dropped", memoryTable, `return s.first.Load() != 0 && s.value.Load() >= over }`, `return s.first.Load() != 0 && s.value.Load() > over+1e9 }`},
	{"half a digest is enough", memoryTable, `if s.second.Load() == t.second(kind, k) {`, `if true {`},
	{"a store that embeds one is not asked", asker, "switch s := store.(type) { // not any knower: a store that embeds one of these has another Revoked\n", "if k, ok := store.(interface {\n\t\tKnown(revocation.Token) (bool, bool)\n\t}); ok {\n\t\ta.known = func(_ time.Time, t revocation.Token) (bool, bool) { return k.Known(t) }\n\t}\n\tswitch s := store.(type) {\n"},
	{"an error of a store of revocations is a no", asker, `case err != nil:`, `case false:`},
	{"who is called may take for ever", boundedCall, `ctx, cancel := context.WithTimeout(ctx, Timeout)`, `ctx, cancel := context.WithCancel(ctx)`},
	{"a panic is an answer", boundedCall, `answered <- answer{err: ErrPanic}`, `answered <- answer{}`},
	{"any number of calls may hang", boundedCall, `if calls.underWay.Add(1) > MaxCalls {`, `if calls.underWay.Add(1) < 0 {`},
	{"the grace is not kept", instants, `return at + grace.Microseconds()`, `return at`},
	{"revoked keys of the configuration are good", keyBackend, "if err := b.revoked.Check(ctx, b.grants[i].token); err != nil {\n\t\treturn nil, err\n\t}", ""},
	{"revoked keys of a table are good", keyBackend, "if err := b.revoked.Check(ctx, TokenOf(f.Record)); err != nil {\n\t\treturn nil, err\n\t}", ""},
	{"a clock that was set back shuts out", throttleTable, `e.until = min(e.until, now+t.limit*t.interval)`, `_ = t`},
	{"only addresses are held down", limiter, `wait = min(l.accounts.wait(c.account, now), l.failed.wait(c.network, now))`, `wait = 0`},
	{"one guess of many requests counts many times", limiter, "a.callers++\n\t\treturn a, nil", "_ = a"},
}
