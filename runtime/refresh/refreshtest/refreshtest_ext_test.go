package refreshtest_test

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

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
)

// defects are mistakes that a store could make, each with the tests that must
// notice. One of them is none.
var defects = map[string][]string{
	"none": nil,

	"starts over what is there":          {"start what is there already"},
	"starts for one user only":           {"start what is there already"},
	"starts at the same time":            {"concurrent starts"},
	"starts without an issuer":           {"unknown", "hostile names"},
	"starts what is not valid":           {"invalid arguments"},
	"needs an issuer":                    {"start"},
	"keeps the expiry":                   {"rotate"},
	"rotates what is not valid":          {"invalid arguments"},
	"rotates what has expired":           {"expired"},
	"expires after the instant":          {"expired"},
	"seals what the repetition brings":   {"repeat within the grace", "concurrent rotations"},
	"forgets what was sealed":            {"repeat within the grace"},
	"repeats within less than the grace": {"repeat within the grace"},
	"repeats for no clock behind":        {"repeat within the grace"},
	"repeats with any grace":             {"repeat without grace"},
	"repeats for ever":                   {"repeat after the grace"},
	"repeats for a bit longer":           {"repeat after the grace"},
	"prolongs the grace":                 {"repeat after the grace"},
	"repeats any rotation":               {"a token from before the last rotation"},
	"survives reuse":                     {"repeat after the grace", "a token that the family never had", "nothing remains of a family that has ended"},
	"compares half of a digest":          {"a token that the family never had"},
	"remembers the dead":                 {"nothing remains of a family that has ended"},
	"calls the unknown reused":           {"unknown"},
	"ends what is not there with errors": {"end"},
	"ends nothing":                       {"end"},
	"ends of any issuer":                 {"end"},
	"ends users before the instant":      {"end user"},
	"ends users of any issuer":           {"end user"},
	"ends users whenever started":        {"end user"},
	"ends one family of a user":          {"end user"},
	"joins names":                        {"names that read alike when joined"},
	"folds case":                         {"hostile names"},
	"trims names":                        {"hostile names"},
	"cuts names":                         {"hostile names"},
	"reads patterns":                     {"hostile names"},
	"keeps the caller's bytes":           {"what is given and returned is copied"},
	"gives its bytes away":               {"what is given and returned is copied"},
	"ignores the context":                {"done context"},
	"rotates at the same time":           {"concurrent rotations"},
	"rotates into the grave":             {"rotations while the family ends"},
}

const defectsVariable = "REFRESHTEST_DEFECTS"

// TestDefects tests stores with defects, and therefore fails; see
// [TestRunFindsDefects].
func TestDefects(t *testing.T) {
	if os.Getenv(defectsVariable) == "" {
		return // this is the process in which TestRunFindsDefects looks on
	}
	for defect := range defects {
		t.Run(defect, func(t *testing.T) {
			refreshtest.Run(t, func(*testing.T) refresh.Store { return &naive{defect: defect} })
		})
	}
}

func TestRunFindsDefects(t *testing.T) {
	executable, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), executable, "-test.run=^TestDefects$", "-test.v", "-test.timeout=5m")
	command.Env = append(os.Environ(), defectsVariable+"=1")
	output, err := command.Output()
	exit := new(exec.ExitError)
	require.ErrorAs(t, err, &exit)
	require.NotContains(t, string(output), "DATA RACE")

	lines := strings.Split(string(output), "\n")
	for _, defect := range slices.Sorted(maps.Keys(defects)) {
		for _, test := range append([]string{""}, defects[defect]...) {
			failed := slices.ContainsFunc(lines, func(line string) bool {
				name := strings.ReplaceAll(strings.TrimSuffix(defect+"/"+test, "/"), " ", "_")
				return strings.HasPrefix(strings.TrimSpace(line), "--- FAIL: TestDefects/"+name+" ")
			})
			assert.Equal(t, defect != "none", failed, "a store that %s: test %q", defect, test)
		}
	}
}

// A naive store is one of a map and a lock, and of one defect.
type naive struct {
	defect   string
	mu       sync.Mutex
	families map[[2]string]*entry
	graves   map[[2]string]*entry
}

type entry struct {
	refresh.Family
	past    []refresh.Rotation // without what was lost on the way
	repeats time.Time
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

func (n *naive) done(ctx context.Context) error {
	if n.has("ignores the context") {
		return nil
	}
	return ctx.Err()
}

func (n *naive) key(issuer, id string) [2]string {
	switch {
	case n.has("joins names"):
		return [2]string{"", issuer + "|" + id}
	case n.has("starts without an issuer"):
		return [2]string{"", id}
	case n.has("folds case"):
		return [2]string{issuer, strings.ToLower(id)}
	case n.has("trims names"):
		return [2]string{issuer, strings.TrimRight(id, " ")}
	case n.has("cuts names"):
		return [2]string{issuer, id[:min(len(id), 254)]}
	}
	return [2]string{issuer, id}
}

func (n *naive) Start(ctx context.Context, f refresh.Family) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if err := f.Validate(); err != nil && !n.has("starts what is not valid") {
		return err
	}
	if f.Issuer == "" && n.has("needs an issuer") {
		return errors.New("no issuer")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.key(f.Issuer, f.ID)
	old := n.families[k]
	n.pause("starts at the same time")
	if old != nil && !n.has("starts over what is there") && !(n.has("starts for one user only") && old.UserID != f.UserID) {
		return errors.New("it exists")
	}
	if n.families == nil {
		n.families, n.graves = make(map[[2]string]*entry), make(map[[2]string]*entry)
	}
	n.families[k] = &entry{Family: f}
	if grave := n.graves[k]; grave != nil && n.has("remembers the dead") {
		n.families[k].past, n.families[k].repeats = grave.past, grave.repeats
	}
	return nil
}

func (n *naive) Rotate(ctx context.Context, r refresh.Rotation) (refresh.Result, error) {
	if err := n.done(ctx); err != nil {
		return refresh.Result{}, err
	}
	if err := r.Validate(); err != nil && !n.has("rotates what is not valid") {
		return refresh.Result{}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.families[n.key(r.Issuer, r.Family)]
	if f == nil {
		if n.has("calls the unknown reused") {
			return refresh.Result{Outcome: refresh.Reused}, nil
		}
		return refresh.Result{Outcome: refresh.Unknown}, nil
	}
	return n.rotate(f, r), nil
}

func (n *naive) rotate(f *entry, r refresh.Rotation) refresh.Result {
	over := !f.Expires.After(r.Now)
	if n.has("expires after the instant") {
		over = f.Expires.Before(r.Now)
	}
	if over && !n.has("rotates what has expired") {
		return refresh.Result{Outcome: refresh.Unknown}
	}
	current := f.Current == r.Old
	if n.has("compares half of a digest") {
		current = [16]byte(f.Current[:16]) == [16]byte(r.Old[:16])
	}
	if current {
		n.pause("rotates at the same time")
		n.replace(f, r)
		return refresh.Result{Outcome: refresh.Rotated}
	}
	if sealed, ok := n.repeat(f, r); ok {
		return refresh.Result{Outcome: refresh.Repeated, Sealed: sealed}
	}
	if !n.has("survives reuse") {
		n.bury(n.key(r.Issuer, r.Family))
	}
	return refresh.Result{Outcome: refresh.Reused}
}

func (n *naive) replace(f *entry, r refresh.Rotation) {
	if !n.has("keeps the caller's bytes") {
		r.Sealed = slices.Clone(r.Sealed)
	}
	if n.has("forgets what was sealed") {
		r.Sealed = nil
	}
	n.pause("rotates into the grave")
	f.Current, f.repeats, f.past = r.New, r.Now, append(f.past, r)
	if !n.has("keeps the expiry") {
		f.Expires = r.Expires
	}
	if n.has("rotates into the grave") {
		n.families[n.key(r.Issuer, r.Family)] = f
	}
}

// repeat returns what the last rotation sealed, if the call may have it.
func (n *naive) repeat(f *entry, r refresh.Rotation) ([]byte, bool) {
	consumed := slices.IndexFunc(f.past, func(past refresh.Rotation) bool { return past.Old == r.Old })
	if consumed < 0 || consumed < len(f.past)-1 && !n.has("repeats any rotation") {
		return nil, false
	}
	past := f.past[consumed]
	after := r.Now.Sub(f.repeats)
	switch {
	case n.has("repeats with any grace"):
		return past.Sealed, true
	case r.Grace == 0 || past.Grace == 0:
		return nil, false
	case n.has("repeats for ever"):
	case n.has("repeats for a bit longer") && after <= r.Grace+time.Millisecond:
	case n.has("repeats within less than the grace") && after >= r.Grace:
		return nil, false
	case n.has("repeats for no clock behind") && after < 0:
		return nil, false
	case after > r.Grace:
		return nil, false
	}
	if n.has("prolongs the grace") {
		f.repeats = r.Now
	}
	switch {
	case n.has("seals what the repetition brings"):
		return slices.Clone(r.Sealed), true
	case n.has("gives its bytes away"):
		return past.Sealed, true
	}
	return slices.Clone(past.Sealed), true
}

func (n *naive) bury(k [2]string) {
	if f := n.families[k]; f != nil {
		n.graves[k] = f
		delete(n.families, k)
	}
}

func (n *naive) End(ctx context.Context, issuer, family string) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if family == "" {
		return errors.New("no family")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.key(issuer, family)
	if n.families[k] == nil && n.has("ends what is not there with errors") {
		return errors.New("it does not exist")
	}
	if !n.has("ends nothing") {
		n.bury(k)
	}
	for other := range n.families {
		if other[1] == k[1] && n.has("ends of any issuer") || n.has("reads patterns") && strings.HasSuffix(family, "%") {
			n.bury(other)
		}
	}
	return nil
}

func (n *naive) EndUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if userID == "" || before.IsZero() {
		return errors.New("no user, or no instant")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for k, f := range n.families {
		if n.key(f.Issuer, f.UserID) != n.key(issuer, userID) && !(n.has("ends users of any issuer") && f.UserID == userID) {
			continue
		}
		if f.Started.After(before) && !n.has("ends users whenever started") || n.has("ends users before the instant") && f.Started.Equal(before) {
			continue
		}
		n.bury(k)
		if n.has("ends one family of a user") {
			break
		}
	}
	return nil
}
