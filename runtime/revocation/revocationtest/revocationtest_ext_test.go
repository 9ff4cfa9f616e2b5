package revocationtest_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

// defects are mistakes that a store could make, each with the tests that must
// notice. One of them is none.
var defects = map[string][]string{
	"none": nil,

	"revokes no tokens":                      {"one token", "seen by the other handle"},
	"revokes no families":                    {"a family", "each part of a token counts"},
	"revokes no users":                       {"a user", "each part of a token counts"},
	"does not revoke twice":                  {"one token", "a family", "a user"},
	"gives tokens back when revoked twice":   {"one token"},
	"forgets the token before":               {"one token"},
	"compares whole tokens":                  {"one token"},
	"looks at the ID only":                   {"each part of a token counts", "a user", "a family"},
	"looks at the user only with an ID":      {"a user", "each part of a token counts"},
	"mixes tokens and families":              {"each part of a token counts"},
	"mixes users and tokens":                 {"each part of a token counts"},
	"revokes what names nothing":             {"nothing named, nothing revoked"},
	"takes an instant back":                  {"a user", "concurrent instants"},
	"keeps the first instant":                {"a user"},
	"revokes users before the instant":       {"a user's instants"},
	"revokes users with whole seconds":       {"a user's instants"},
	"revokes users with milliseconds":        {"a user's instants"},
	"revokes users for ever":                 {"a user", "a user's instants"},
	"lets tokens of unknown issue pass":      {"a user"},
	"revokes families before the present":    {"a family"},
	"ignores issuers of tokens":              {"issuers are kept apart"},
	"ignores issuers":                        {"issuers are kept apart", "hostile names"},
	"needs an issuer":                        {"issuers are kept apart"},
	"joins names":                            {"names that read alike when joined"},
	"folds case":                             {"hostile names"},
	"trims names":                            {"hostile names"},
	"cuts names":                             {"hostile names"},
	"cuts names at 64 KiB":                   {"hostile names"},
	"ends names with NUL":                    {"hostile names"},
	"composes characters":                    {"hostile names"},
	"repairs UTF-8":                          {"hostile names"},
	"refuses invalid UTF-8":                  {"hostile names"},
	"reads patterns":                         {"hostile names"},
	"knows no grace":                         {"ends of tokens"},
	"takes no end for the present":           {"ends of tokens"},
	"lets ends overflow":                     {"ends of tokens"},
	"shortens":                               {"never shortened"},
	"shortens families":                      {"never shortened"},
	"does not prolong":                       {"never shortened"},
	"takes tokens without ID":                {"invalid arguments"},
	"takes users without ID":                 {"invalid arguments"},
	"takes families without ID":              {"invalid arguments"},
	"takes no instant":                       {"invalid arguments"},
	"says no when it does not know":          {"done context"},
	"says that it did what it did not":       {"done context"},
	"takes its time":                         {"done context"},
	"acknowledges what is still to be done":  {"seen by the other handle", "one token"},
	"remembers its answers":                  {"seen by the other handle"},
	"keeps to itself what it was told":       {"both handles are of one store"},
	"loses what is written at the same time": {"concurrent revocations"},
	"races for the last instant":             {"concurrent instants"},
}

const defectsVariable = "REVOCATIONTEST_DEFECTS"

// TestDefects tests stores with defects, and therefore fails; see
// [TestRunFindsDefects].
func TestDefects(t *testing.T) {
	if os.Getenv(defectsVariable) == "" {
		return // this is the process in which TestRunFindsDefects looks on
	}
	for defect := range defects {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			revocationtest.Run(t, func(*testing.T) (one, other revocation.Store) {
				mine, others := new(storage), new(storage)
				if defect != "keeps to itself what it was told" {
					others = mine
				}
				return newNaive(defect, mine), newNaive(defect, others)
			})
		})
	}
}

func TestRunFindsDefects(t *testing.T) {
	t.Parallel()
	requireDefects(t, "TestDefects", defects)
}

// requireDefects runs a test of this package in another process, and fails unless in it
// each defect is noticed by its tests, and none where there is none.
func requireDefects(t *testing.T, test string, defects map[string][]string) {
	t.Helper()
	output := failing[test](t)
	require.NotContains(t, output, "DATA RACE")
	lines := strings.Split(output, "\n")
	for _, defect := range slices.Sorted(maps.Keys(defects)) {
		noticed := slices.Concat([]string{""}, defects[defect])
		for _, by := range noticed {
			failed := slices.ContainsFunc(lines, func(line string) bool {
				name := strings.ReplaceAll(strings.TrimSuffix(defect+"/"+by, "/"), " ", "_")
				return strings.HasPrefix(strings.TrimSpace(line), "--- FAIL: "+test+"/"+name+" ")
			})
			assert.Equal(t, len(noticed) > 1, failed, "a store that %s: test %q", defect, by)
		}
	}
}

// failing returns what a test of this package says that fails on purpose. It runs once.
var failing = map[string]func(t *testing.T) string{
	"TestDefects":     sayingOnce("TestDefects"),
	"TestFeedDefects": sayingOnce("TestFeedDefects"),
	"TestMistakes":    sayingOnce("TestMistakes"),
}

func sayingOnce(test string) func(t *testing.T) string {
	run := sync.OnceValues(func() ([]byte, error) {
		executable, err := os.Executable()
		if err != nil {
			return nil, err
		}
		// Many of those that run at the same time only wait.
		command := exec.Command(executable, "-test.run=^"+test+"$", "-test.v", "-test.timeout=5m", "-test.parallel=32")
		command.Env = append(os.Environ(), defectsVariable+"=1")
		return command.Output()
	})
	return func(t *testing.T) string {
		t.Helper()
		output, err := run()
		exit := new(exec.ExitError)
		require.ErrorAs(t, err, &exit)
		return string(output)
	}
}

// A storage is what handles share: maps and a lock.
type storage struct {
	mu       sync.Mutex
	tokens   map[[2]string]time.Time // until when
	families map[[2]string]time.Time
	users    map[[2]string]time.Time // before
	last     [2]string
	whole    map[revocation.Token]bool
}

// A naive store is a handle on a storage, and has one defect.
type naive struct {
	defect string
	*storage
	answers sync.Map
}

func newNaive(defect string, s *storage) *naive {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens, s.families, s.users = make(map[[2]string]time.Time), make(map[[2]string]time.Time), make(map[[2]string]time.Time)
		s.whole = make(map[revocation.Token]bool)
	}
	return &naive{defect: defect, storage: s}
}

func (n *naive) has(defect string) bool { return n.defect == defect }

// pause lets others in, if the store lacks a lock there.
func (n *naive) pause(defect string) {
	if n.has(defect) {
		n.mu.Unlock()
		time.Sleep(time.Millisecond)
		n.mu.Lock()
	}
}

func (n *naive) key(issuer, name string) [2]string {
	switch n.defect {
	case "joins names":
		return [2]string{"", issuer + ":" + name}
	case "ignores issuers":
		return [2]string{"", name}
	}
	return [2]string{n.changed(issuer), n.changed(name)}
}

// changed returns what a careless store makes of a text.
func (n *naive) changed(text string) string {
	switch n.defect {
	case "folds case":
		return strings.ToLower(text)
	case "trims names":
		return strings.TrimRight(text, " ")
	case "cuts names":
		return text[:min(len(text), 254)]
	case "cuts names at 64 KiB":
		return text[:min(len(text), 1<<16-1)]
	case "ends names with NUL":
		before, _, _ := strings.Cut(text, "\x00")
		return before
	case "composes characters":
		return strings.ReplaceAll(text, "e\u0301", "\u00e9")
	case "repairs UTF-8":
		return strings.ToValidUTF8(text, "\ufffd")
	}
	return text
}

// done says what to do about a context.
func (n *naive) done(ctx context.Context) error {
	if n.has("takes its time") && ctx.Err() != nil {
		time.Sleep(5100 * time.Millisecond)
	}
	return ctx.Err()
}

// over reports whether the time of an entry is over.
func (n *naive) over(until time.Time) bool {
	grace := revocation.Grace
	if n.has("knows no grace") {
		grace = 0
	}
	switch {
	case until.IsZero():
		return n.has("takes no end for the present")
	case n.has("lets ends overflow"):
		return time.UnixMicro(until.UnixMicro()).Add(grace).Before(time.Now())
	case until.Unix() > 1<<40:
		return false
	}
	return until.Add(grace).Before(time.Now())
}

func (n *naive) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	if err := n.done(ctx); err != nil {
		if n.has("says no when it does not know") {
			return false, nil
		}
		return false, err
	}
	if answer, ok := n.answers.Load(t); ok && n.has("remembers its answers") {
		return answer.(bool), nil
	}
	answer := n.revoked(t)
	n.answers.Store(t, answer)
	return answer, nil
}

func (n *naive) revoked(t revocation.Token) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.has("compares whole tokens") && t.ID != "" && !n.whole[t] && t.Family == "" {
		return false
	}
	if n.has("revokes what names nothing") && t.ID == "" && t.UserID == "" && t.Family == "" {
		return true
	}
	if t.ID != "" {
		if n.listed(n.tokens, t.Issuer, t.ID) || n.has("mixes tokens and families") && n.listed(n.families, t.Issuer, t.ID) {
			return true
		}
		if _, user := n.users[n.key(t.Issuer, t.ID)]; user && n.has("mixes users and tokens") {
			return true
		}
		if n.has("looks at the ID only") {
			return false
		}
	}
	if t.Family != "" && n.listed(n.families, t.Issuer, t.Family) && !(n.has("revokes families before the present") && t.IssuedAt.After(time.Now())) {
		return true
	}
	return n.userRevoked(t)
}

// listed reports whether a name stands in a map, and is not over.
func (n *naive) listed(m map[[2]string]time.Time, issuer, name string) bool {
	k := n.key(issuer, name)
	if until, ok := m[k]; ok && !n.over(until) {
		return !n.has("forgets the token before") || k == n.last
	}
	for other := range m {
		switch {
		case n.has("ignores issuers of tokens") && other[1] == k[1]:
			return true
		case n.has("reads patterns") && strings.HasSuffix(other[1], "*") && strings.HasPrefix(k[1], strings.TrimSuffix(other[1], "*")):
			return true
		}
	}
	return false
}

func (n *naive) userRevoked(t revocation.Token) bool {
	if t.UserID == "" || t.ID == "" && n.has("looks at the user only with an ID") {
		return false
	}
	before, known := n.users[n.key(t.Issuer, t.UserID)]
	issued := t.IssuedAt
	switch {
	case !known:
		return false
	case n.has("revokes users for ever"):
		return true
	case issued.IsZero() && n.has("lets tokens of unknown issue pass"):
		return false
	case n.has("revokes users before the instant"):
		return issued.Before(before)
	case n.has("revokes users with whole seconds"):
		issued, before = issued.Truncate(time.Second), before.Truncate(time.Second)
	case n.has("revokes users with milliseconds"):
		issued, before = issued.Truncate(time.Millisecond), before.Truncate(time.Millisecond)
	}
	return !issued.After(before)
}

// put stores until when a name is revoked.
func (n *naive) put(m map[[2]string]time.Time, issuer, name string, until time.Time, shortens string) error {
	if issuer == "" && n.has("needs an issuer") {
		return errors.New("no issuer")
	}
	if n.has("refuses invalid UTF-8") && strings.ToValidUTF8(name, "") != name {
		return errors.New("invalid UTF-8")
	}
	k := n.key(issuer, name)
	stored, known := m[k]
	if known && n.has("does not revoke twice") {
		return errors.New("it exists already")
	}
	if known && n.has("gives tokens back when revoked twice") {
		delete(m, k)
		return nil
	}
	n.last = k
	switch {
	case !known:
		m[k] = until
	case n.has("does not prolong"):
	case n.has(shortens), until.IsZero(), !stored.IsZero() && until.After(stored):
		m[k] = until
	}
	return nil
}

// write calls f with the lock, at once or, by mistake, later or not at all.
func (n *naive) write(ctx context.Context, f func() error) error {
	if err := n.done(ctx); err != nil {
		if n.has("says that it did what it did not") {
			return nil
		}
		return err
	}
	locked := func() error {
		n.mu.Lock()
		defer n.mu.Unlock()
		return f()
	}
	if n.has("acknowledges what is still to be done") {
		time.AfterFunc(20*time.Millisecond, func() { _ = locked() })
		return nil
	}
	return locked()
}

func (n *naive) Revoke(ctx context.Context, t revocation.Token) error {
	if t.ID == "" && !n.has("takes tokens without ID") {
		return errors.New("no ID")
	}
	return n.write(ctx, func() error {
		if n.has("revokes no tokens") {
			return nil
		}
		n.whole[t] = true
		if n.has("loses what is written at the same time") {
			m := maps.Clone(n.tokens)
			n.pause(n.defect)
			defer func() { n.tokens = m }()
			return n.put(m, t.Issuer, t.ID, t.Expires, "shortens")
		}
		return n.put(n.tokens, t.Issuer, t.ID, t.Expires, "shortens")
	})
}

func (n *naive) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if family == "" && !n.has("takes families without ID") {
		return errors.New("no family")
	}
	return n.write(ctx, func() error {
		if n.has("revokes no families") {
			return nil
		}
		return n.put(n.families, issuer, family, until, "shortens families")
	})
}

func (n *naive) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if userID == "" && !n.has("takes users without ID") || before.IsZero() && !n.has("takes no instant") {
		return errors.New("no user, or no instant")
	}
	return n.write(ctx, func() error {
		k := n.key(issuer, userID)
		stored, known := n.users[k]
		n.pause("races for the last instant")
		switch {
		case n.has("revokes no users"), known && n.has("keeps the first instant"):
		case known && n.has("does not revoke twice"):
			return errors.New("it exists already")
		case !known, n.has("takes an instant back"), before.After(stored):
			n.users[k] = before
		}
		return nil
	})
}
