package revocationtest_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

// feedDefects are mistakes that a feed could make, each with the tests that must notice.
var feedDefects = map[string][]string{
	"none":            nil,
	"has no Notifier": nil,

	"begins with what is new":                     {"from zero"},
	"drops what has ended before Grace":           {"from zero"},
	"drops what ended with what is over":          {"from zero"},
	"drops what has no end":                       {"from zero"},
	"drops users":                                 {"from zero", "what a change says", "applied to a Memory"},
	"ignores the limit":                           {"the limit"},
	"returns one more than the limit":             {"the limit"},
	"returns one less than the limit":             {"the limit"},
	"returns nothing for no limit":                {"a limit that is none"},
	"returns all for no limit":                    {"a limit that is none"},
	"reads a negative limit as a positive one":    {"a limit that is none"},
	"tells the newest first":                      {"order and numbers"},
	"tells in any order":                          {"order and numbers"},
	"counts by handle":                            {"order and numbers"},
	"has the next one stand still":                {"order and numbers", "the limit"},
	"has the next one be the last of all":         {"order and numbers", "the limit"},
	"has the next one be the last of all, plus 1": {"nothing new"},
	"says zero when there is nothing":             {"nothing new"},
	"tells the last one again":                    {"nothing new", "order and numbers"},
	"tells all again":                             {"nothing new", "order and numbers"},
	"tells once":                                  {"seen by the other handle"},
	"tells its own":                               {"seen by the other handle"},
	"tells what it was asked for":                 {"nothing new"},
	"tells what was refused":                      {"nothing new"},
	"answers as of a moment ago":                  {"seen by the other handle"},
	"remembers that there is nothing":             {"seen by the other handle"},
	"acknowledges what is still to be told":       {"seen by the other handle"},
	"takes numbers before it writes":              {"a follower misses nothing"},
	"loses what is written at the same time":      {"a follower misses nothing"},
	"counts places":                               {"revoked once more"},
	"tells nothing twice":                         {"revoked once more"},
	"forgets what is revoked twice":               {"revoked once more"},
	"tells what it was told":                      {"revoked once more"},
	"tells the first end":                         {"revoked once more"},
	"takes back what is for good":                 {"revoked once more"},
	"tells nothing that is for good by now":       {"revoked once more"},
	"adds Grace":                                  {"what a change says"},
	"tells whole seconds":                         {"what a change says"},
	"tells milliseconds":                          {"what a change says"},
	"tells wall clocks of its zone":               {"what a change says"},
	"tells no end":                                {"what a change says"},
	"tells an end where there is none":            {"what a change says"},
	"lets ends overflow":                          {"what a change says"},
	"tells users without their instant":           {"what a change says"},
	"tells families as tokens":                    {"what a change says", "applied to a Memory"},
	"tells tokens as users":                       {"what a change says"},
	"tells families and their users":              {"what a change says"},
	"tells an empty change":                       {"what a change says"},
	"tells Before of tokens":                      {"what a change says"},
	"tells no issuers":                            {"hostile names", "applied to a Memory"},
	"joins issuer and name":                       {"hostile names"},
	"folds case":                                  {"hostile names"},
	"trims names":                                 {"hostile names"},
	"cuts names":                                  {"hostile names"},
	"cuts names at 64 KiB":                        {"hostile names"},
	"ends names with NUL":                         {"hostile names"},
	"composes characters":                         {"hostile names"},
	"repairs UTF-8":                               {"hostile names"},
	"says nothing when it does not know":          {"done context"},
	"takes its time":                              {"done context"},
	"takes its time when its context ends":        {"done context"},
	"keeps to itself what it was told":            {"both handles are of one store"},

	"does not tell that it listens":            {"told of changes"},
	"tells nobody":                             {"told of changes"},
	"tells of its own writes":                  {"told of changes"},
	"tells before it has written":              {"told of changes"},
	"tells as many at once as write":           {"told of changes"},
	"ends at once":                             {"told of changes"},
	"does not end":                             {"told of changes"},
	"does not end that is done when it begins": {"told of changes"},
	"goes on when it has ended":                {"told of changes"},
}

// TestFeedDefects tests feeds with defects, and therefore fails; see
// [TestRunFeedFindsDefects].
func TestFeedDefects(t *testing.T) {
	if os.Getenv(defectsVariable) == "" {
		return // this is the process in which TestRunFeedFindsDefects looks on
	}
	for defect := range feedDefects {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			revocationtest.RunFeed(t, func(*testing.T) (one, other revocation.Feed) {
				mine, others := newBoard(), newBoard()
				if defect != "keeps to itself what it was told" {
					others = mine
				}
				return newNaiveFeed(defect, mine), newNaiveFeed(defect, others)
			})
		})
	}
}

func TestRunFeedFindsDefects(t *testing.T) {
	t.Parallel()
	requireDefects(t, "TestFeedDefects", feedDefects)
}

// A board is what handles share: who is revoked, what of it is told, and who listens.
type board struct {
	mu        sync.Mutex
	revoked   *revocation.Memory
	last      int64
	posted    map[revocation.Change]*post
	listeners map[*naiveFeed][]func()
}

// A post is a change as it is stored, and the number of its last write.
type post struct {
	revocation.Change
	number int64
	by     *naiveFeed
	told   bool
	at     time.Time
}

func newBoard() *board {
	return &board{revoked: revocation.NewMemory(), posted: make(map[revocation.Change]*post), listeners: make(map[*naiveFeed][]func())}
}

// A naiveFeed is a handle on a board, and has one defect.
type naiveFeed struct {
	defect string
	*board
	began   int64 // the last number before it was asked first
	asked   bool
	nothing map[int64]bool // that it has told that there is nothing, since when
}

// newNaiveFeed returns a handle on a board.
func newNaiveFeed(defect string, b *board) revocation.Feed {
	n := &naiveFeed{defect: defect, board: b, nothing: make(map[int64]bool)}
	if defect == "has no Notifier" {
		return struct{ revocation.Feed }{n}
	}
	return n
}

func (n *naiveFeed) has(defect string) bool { return n.defect == defect }

func (n *naiveFeed) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	if n.has("tells what it was asked for") {
		_ = n.write(ctx, revocation.Change{Issuer: t.Issuer, ID: "asked for"})
	}
	return n.revoked.Revoked(ctx, t)
}

func (n *naiveFeed) Revoke(ctx context.Context, t revocation.Token) error {
	if t.ID == "" && n.has("tells what was refused") {
		_ = n.write(ctx, revocation.Change{Issuer: t.Issuer, ID: "refused"})
	}
	return n.write(ctx, revocation.Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires})
}

func (n *naiveFeed) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	return n.write(ctx, revocation.Change{Issuer: issuer, UserID: userID, Before: before})
}

func (n *naiveFeed) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	return n.write(ctx, revocation.Change{Issuer: issuer, Family: family, Until: until})
}

// write stores a change and posts it, in one step unless that is the defect.
func (n *naiveFeed) write(ctx context.Context, c revocation.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if n.has("tells before it has written") {
		n.notify()
		time.Sleep(2 * time.Millisecond)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := c.Apply(ctx, n.revoked); err != nil {
		return err
	}
	n.last++
	number := n.last
	switch {
	case n.has("takes numbers before it writes"):
		if number%2 == 1 { // so that the next one is there before
			n.pause()
		}
	case n.has("counts by handle"):
		number = number/1000*1000 + n.began
		n.last += 1000
		n.began = (n.began + 1) % 1000
	case n.has("acknowledges what is still to be told"):
		time.AfterFunc(20*time.Millisecond, func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.post(c, number)
		})
		return nil
	}
	n.post(c, number)
	if !n.has("tells before it has written") {
		n.tell()
	}
	return nil
}

// pause lets others in.
func (b *board) pause() {
	b.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	b.mu.Lock()
}

// post has a change be told, or the one that was stored if that revokes more.
func (n *naiveFeed) post(c revocation.Change, number int64) {
	if !c.Until.IsZero() && c.Until.Unix() < time.Now().Add(-revocation.Grace).Unix() {
		n.drop()
		return // it is over, and need not be told
	}
	subject := c
	subject.Until, subject.Before = time.Time{}, time.Time{}
	stored, known := n.posted[subject]
	posted := n.posted
	if n.has("loses what is written at the same time") {
		posted = maps.Clone(n.posted)
		n.pause()
		defer func() { n.posted = posted }()
	}
	switch {
	case known && n.has("tells nothing twice"):
		return
	case known && n.has("forgets what is revoked twice"):
		delete(posted, subject)
		return
	}
	if known && !n.has("tells what it was told") {
		c = n.more(stored.Change, c)
	}
	posted[subject] = &post{Change: c, number: number, by: n, at: time.Now()}
}

// drop drops what is over, or more than that.
func (n *naiveFeed) drop() {
	if n.has("drops what ended with what is over") {
		maps.DeleteFunc(n.posted, func(_ revocation.Change, p *post) bool {
			return !p.Until.IsZero() && p.Until.Unix() < time.Now().Unix()
		})
	}
}

// more returns what revokes more, or for longer.
func (n *naiveFeed) more(stored, c revocation.Change) revocation.Change {
	switch {
	case n.has("tells the first end"):
		c.Until = stored.Until
	case stored.Until.IsZero() && !n.has("takes back what is for good"):
		c.Until = time.Time{}
	case !c.Until.IsZero() && stored.Until.After(c.Until):
		c.Until = stored.Until
	case c.Until.IsZero() && c.UserID == "" && n.has("tells nothing that is for good by now"):
		c.Until = stored.Until
	}
	if stored.Before.After(c.Before) {
		c.Before = stored.Before
	}
	return c
}

func (n *naiveFeed) Changes(ctx context.Context, since int64, limit int) (changes []revocation.Change, next int64, err error) {
	if err := n.done(ctx); err != nil {
		if n.has("says nothing when it does not know") {
			return nil, since, nil
		}
		return nil, since, err
	}
	switch {
	case limit == 0 && n.has("returns nothing for no limit"):
		return nil, since, nil
	case limit <= 0 && n.has("returns all for no limit"):
		limit = len(n.posted)
	case limit < 0 && n.has("reads a negative limit as a positive one"):
		limit = max(-limit, 1)
	case limit <= 0:
		return nil, since, errors.New("no limit")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.asked && n.has("begins with what is new") {
		n.asked, n.began = true, n.last
	}
	if n.has("remembers that there is nothing") && n.nothing[since] {
		return nil, since, nil
	}
	posts := n.cut(n.after(since), limit)
	next = n.next(posts, since)
	if n.has("counts places") { // which shift when something moves to the end
		posts = n.after(0)
		posts = n.cut(posts[min(int(since), len(posts)):], limit)
		next = since + int64(len(posts))
	}
	if len(posts) == 0 {
		n.nothing[since] = true
	}
	if n.has("tells the newest first") {
		slices.Reverse(posts)
	}
	for _, p := range posts {
		p.told = true
		changes = append(changes, n.told(p.Change)...)
	}
	return changes, next, nil
}

// done says what to do about a context.
func (n *naiveFeed) done(ctx context.Context) error {
	const long = 5100 * time.Millisecond
	if n.has("takes its time") && ctx.Err() != nil {
		time.Sleep(long)
	}
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && time.Until(deadline) < time.Second && n.has("takes its time when its context ends") {
		time.Sleep(long)
	}
	return ctx.Err()
}

// after returns what has a greater number, in the order of the numbers.
func (n *naiveFeed) after(since int64) (posts []*post) {
	for _, p := range n.posted {
		switch {
		case p.number < since && !n.has("tells all again"), p.number == since && !n.has("tells the last one again") && !n.has("tells all again"):
		case n.has("begins with what is new") && p.number <= n.began,
			n.has("drops what has ended before Grace") && !p.Until.IsZero() && p.Until.Unix() < time.Now().Unix(),
			n.has("drops what has no end") && p.Until.IsZero() && p.UserID == "",
			n.has("drops users") && p.UserID != "",
			n.has("tells once") && p.told,
			n.has("tells its own") && p.by != n,
			n.has("answers as of a moment ago") && time.Since(p.at) < 20*time.Millisecond:
		default:
			posts = append(posts, p)
		}
	}
	slices.SortFunc(posts, func(a, b *post) int {
		if n.has("tells in any order") {
			return cmp.Or(cmp.Compare(a.number%3, b.number%3), cmp.Compare(a.number, b.number))
		}
		return cmp.Compare(a.number, b.number)
	})
	return posts
}

func (n *naiveFeed) cut(posts []*post, limit int) []*post {
	switch {
	case n.has("ignores the limit"):
		limit = len(posts)
	case n.has("returns one more than the limit"):
		limit++
	case n.has("returns one less than the limit") && len(posts) >= limit && limit > 1:
		limit--
	}
	return posts[:min(limit, len(posts))]
}

func (n *naiveFeed) next(posts []*post, since int64) int64 {
	next := since
	for _, p := range posts {
		next = max(next, p.number)
	}
	switch {
	case n.has("has the next one stand still"):
		return since
	case n.has("has the next one be the last of all") && len(posts) > 0:
		return n.last
	case n.has("has the next one be the last of all, plus 1") && len(posts) == 0:
		return n.last + 1
	case n.has("says zero when there is nothing") && len(posts) == 0:
		return 0
	}
	return next
}

// told returns what a careless feed makes of a change.
func (n *naiveFeed) told(c revocation.Change) []revocation.Change {
	naive := naive{defect: n.defect}
	c.Issuer, c.ID, c.Family, c.UserID = naive.changed(c.Issuer), naive.changed(c.ID), naive.changed(c.Family), naive.changed(c.UserID)
	c.Until, c.Before = n.instant(c.Until), n.instant(c.Before)
	token, family, user := c.ID != "", c.Family != "", c.UserID != ""
	switch {
	case n.has("adds Grace") && !c.Until.IsZero():
		c.Until = c.Until.Add(revocation.Grace)
	case n.has("tells no end"):
		c.Until = time.Time{}
	case n.has("tells an end where there is none") && c.Until.IsZero() && !user:
		c.Until = time.Unix(253402300799, 0)
	case n.has("tells users without their instant"):
		c.Before = time.Time{}
	case n.has("tells families as tokens") && family:
		c.ID, c.Family = c.Family, ""
	case n.has("tells tokens as users") && token:
		c = revocation.Change{Issuer: c.Issuer, UserID: c.ID, Before: time.Now()}
	case n.has("tells families and their users") && family:
		c.UserID = c.Family
	case n.has("tells an empty change"):
		return []revocation.Change{c, {}}
	case n.has("tells Before of tokens") && token:
		c.Before = c.Until
	case n.has("tells no issuers"):
		c.Issuer = ""
	case n.has("joins issuer and name") && token:
		c.Issuer, c.ID, _ = strings.Cut(c.Issuer+":"+c.ID, ":")
	}
	return []revocation.Change{c}
}

// instant returns what a careless feed makes of an instant.
func (n *naiveFeed) instant(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	switch n.defect {
	case "tells whole seconds":
		return time.Unix(t.Unix(), 0)
	case "tells milliseconds":
		return t.Truncate(time.Millisecond)
	case "tells wall clocks of its zone":
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	case "lets ends overflow":
		return time.UnixMicro(t.UnixMicro())
	}
	return t
}

func (n *naiveFeed) Notify(ctx context.Context, changed func()) error {
	switch {
	case n.has("ends at once"):
		changed()
		return errors.New("cut")
	case n.has("does not end that is done when it begins") && ctx.Err() != nil:
		time.Sleep(5100 * time.Millisecond)
		return ctx.Err()
	}
	var one sync.Mutex
	listener := func() {
		if !n.has("tells as many at once as write") {
			one.Lock()
			defer one.Unlock()
		}
		if ctx.Err() == nil || n.has("goes on when it has ended") {
			changed()
		}
	}
	n.mu.Lock()
	n.listeners[n] = append(n.listeners[n], listener)
	n.mu.Unlock()
	if !n.has("does not tell that it listens") {
		listener()
	}
	<-ctx.Done()
	if n.has("does not end") {
		time.Sleep(5100 * time.Millisecond)
	}
	one.Lock() // nobody is in the middle of it
	defer one.Unlock()
	return ctx.Err()
}

func (n *naiveFeed) notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tell()
}

// tell has all be told who listen.
func (n *naiveFeed) tell() {
	for handle, listeners := range n.listeners {
		if n.has("tells nobody") || n.has("tells of its own writes") && handle != n {
			continue
		}
		for _, listener := range listeners {
			go listener()
		}
	}
}
