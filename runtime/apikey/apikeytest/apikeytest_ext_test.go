package apikeytest_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
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

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/apikey/apikeytest"
)

// defects are mistakes that a store could make, each with the tests that must
// notice. One of them is none.
var defects = map[string][]string{
	"none": nil,

	"forgets scopes":                     {"add"},
	"forgets the previous text":          {"add"},
	"wants permissions":                  {"add with little"},
	"adds over what is there":            {"add what is there already"},
	"adds over what is revoked":          {"add what is there already"},
	"adds what is not valid":             {"add what is not valid"},
	"adds at the same time":              {"concurrent adds"},
	"returns the zero record":            {"unknown"},
	"makes keys by revoking":             {"unknown"},
	"fails for uses of the unknown":      {"unknown"},
	"folds case":                         {"ids that differ in case"},
	"trims ids":                          {"hostile ids"},
	"reads patterns":                     {"hostile ids"},
	"splits permissions":                 {"hostile texts"},
	"cuts names":                         {"hostile texts"},
	"folds owners":                       {"hostile texts"},
	"counts seconds":                     {"instants"},
	"takes the epoch for never":          {"instants"},
	"lists in the order of addition":     {"list"},
	"lists nothing that is revoked":      {"list"},
	"lists everybody's":                  {"list"},
	"revokes again":                      {"revoke"},
	"revokes everything of the owner":    {"revoke"},
	"revokes at no time":                 {"revoke"},
	"refuses to show what is revoked":    {"revoke"},
	"keeps the use of the old text":      {"rotate"},
	"rotates any text":                   {"rotate", "concurrent rotations"},
	"keeps the first text":               {"rotate twice"},
	"keeps the expiry":                   {"rotate"},
	"prolongs the old text":              {"rotate and keep the end"},
	"rotates what is not valid":          {"rotate what cannot be"},
	"rotates what is revoked":            {"rotate what cannot be", "rotations while the key is revoked"},
	"saves earlier uses":                 {"uses"},
	"saves uses of any text":             {"uses", "uses of both texts"},
	"saves some uses":                    {"many uses"},
	"keeps the caller's lists":           {"what is given is copied"},
	"gives its lists away":               {"what is given is copied"},
	"ignores the context":                {"done context"},
	"calls what it cannot reach unknown": {"done context"},
	"rotates at the same time":           {"concurrent rotations"},
	"rotates into life":                  {"rotations while the key is revoked"},
}

const defectsVariable = "APIKEYTEST_DEFECTS"

// TestDefects tests stores with defects, and therefore fails; see
// [TestRunFindsDefects].
func TestDefects(t *testing.T) {
	if os.Getenv(defectsVariable) == "" {
		return // this is the process in which TestRunFindsDefects looks on
	}
	for defect := range defects {
		t.Run(defect, func(t *testing.T) {
			apikeytest.Run(t, func(*testing.T) apikeytest.Store {
				return &naive{defect: defect, records: make(map[string]apikey.Record)}
			})
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
	defect  string
	mu      sync.Mutex
	records map[string]apikey.Record
	order   []string
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

func (n *naive) key(id string) string {
	switch {
	case n.has("folds case"):
		return strings.ToLower(id)
	case n.has("trims ids"):
		return strings.TrimSpace(id)
	case n.has("reads patterns") && strings.HasSuffix(id, "%"):
		for known := range n.records {
			if strings.HasPrefix(known, strings.TrimSuffix(id, "%")) {
				return known
			}
		}
	}
	return id
}

func (n *naive) Add(ctx context.Context, r apikey.Record) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if err := r.Validate(); err != nil && !n.has("adds what is not valid") {
		return err
	}
	if len(r.Permissions) == 0 && n.has("wants permissions") {
		return errors.New("no permissions")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	old, there := n.records[n.key(r.ID)]
	n.pause("adds at the same time")
	if there && !n.has("adds over what is there") && (old.Revoked.IsZero() || !n.has("adds over what is revoked")) {
		return errors.New("it exists")
	}
	n.order = append(n.order, n.key(r.ID))
	n.records[n.key(r.ID)] = n.kept(r)
	return nil
}

// kept returns what the store makes of a record that it keeps.
func (n *naive) kept(r apikey.Record) apikey.Record {
	if !n.has("keeps the caller's lists") {
		r = cloned(r)
	}
	switch {
	case n.has("forgets scopes"):
		r.Scopes = nil
	case n.has("forgets the previous text"):
		r.Previous = apikey.Digest{}
	case n.has("splits permissions"):
		r.Permissions = strings.Split(strings.Join(r.Permissions, ","), ",")
	case n.has("cuts names"):
		r.Name = r.Name[:min(len(r.Name), 100)]
	case n.has("counts seconds"):
		r.Used = r.Used.Truncate(time.Second)
	case n.has("takes the epoch for never") && r.Used.UnixMicro() == 0:
		r.Used = time.Time{}
	}
	return r
}

func cloned(r apikey.Record) apikey.Record {
	r.Permissions, r.Scopes = slices.Clone(r.Permissions), slices.Clone(r.Scopes)
	return r
}

func (n *naive) Lookup(ctx context.Context, id string) (apikey.Record, error) {
	if err := n.done(ctx); err != nil {
		if n.has("calls what it cannot reach unknown") {
			err = apikey.ErrUnknown
		}
		return apikey.Record{}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r, there := n.records[n.key(id)]
	switch {
	case !there && n.has("returns the zero record"):
		return apikey.Record{}, nil
	case !there:
		return apikey.Record{}, apikey.ErrUnknown
	case !r.Revoked.IsZero() && n.has("refuses to show what is revoked"):
		return apikey.Record{}, runtime.ErrRevoked
	case n.has("gives its lists away"):
		return r, nil
	}
	return cloned(r), nil
}

func (n *naive) List(ctx context.Context, owner string) iter.Seq2[apikey.Record, error] {
	return func(yield func(apikey.Record, error) bool) {
		if err := n.done(ctx); err != nil {
			yield(apikey.Record{}, err)
			return
		}
		for _, r := range n.listed(owner) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (n *naive) listed(owner string) (list []apikey.Record) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range n.order {
		r := n.records[id]
		same := owner == "" || owner == r.Owner || n.has("lists everybody's") ||
			n.has("folds owners") && strings.EqualFold(strings.TrimSpace(owner), strings.TrimSpace(r.Owner))
		if same && (r.Revoked.IsZero() || !n.has("lists nothing that is revoked")) {
			list = append(list, cloned(r))
		}
	}
	if !n.has("lists in the order of addition") {
		slices.SortFunc(list, func(a, b apikey.Record) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	}
	return list
}

func (n *naive) Revoke(ctx context.Context, id string, at time.Time) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if at.IsZero() && !n.has("revokes at no time") {
		return errors.New("no time")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r, there := n.records[n.key(id)]
	if !there && !n.has("makes keys by revoking") {
		return apikey.ErrUnknown
	}
	for other, o := range n.records {
		if other == n.key(id) || n.has("revokes everything of the owner") && o.Owner == r.Owner {
			n.revoke(other, at)
		}
	}
	if !there {
		n.records[id] = apikey.Record{ID: id, Revoked: at}
		return apikey.ErrUnknown
	}
	return nil
}

func (n *naive) revoke(id string, at time.Time) {
	r := n.records[id]
	if r.Revoked.IsZero() || n.has("revokes again") {
		r.Revoked = at
		n.records[id] = r
	}
}

func (n *naive) Rotate(ctx context.Context, by apikey.Rotation) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if (by.Old == apikey.Digest{} || by.New == apikey.Digest{} || by.New == by.Old || by.OldExpires.IsZero()) && !n.has("rotates what is not valid") {
		return errors.New("not valid")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r, there := n.records[n.key(by.ID)]
	n.pause("rotates at the same time")
	switch {
	case !there:
		return apikey.ErrUnknown
	case !r.Revoked.IsZero() && !n.has("rotates what is revoked"):
		return runtime.ErrRevoked
	case r.SHA256 != by.Old && !n.has("rotates any text"):
		return apikey.ErrChanged
	}
	n.pause("rotates into life")
	if !r.Expires.IsZero() && r.Expires.Before(by.OldExpires) && !n.has("prolongs the old text") {
		by.OldExpires = r.Expires
	}
	if r.Previous == (apikey.Digest{}) || !n.has("keeps the first text") {
		r.Previous, r.PreviousUsed, r.PreviousExpires = by.Old, r.Used, by.OldExpires
	}
	r.SHA256 = by.New
	if !n.has("keeps the use of the old text") {
		r.Used = time.Time{}
	}
	if !n.has("keeps the expiry") {
		r.Expires = by.Expires
	}
	n.records[n.key(by.ID)] = r
	return nil
}

func (n *naive) SaveUses(ctx context.Context, uses []apikey.Use) error {
	if err := n.done(ctx); err != nil {
		return err
	}
	if n.has("saves some uses") {
		uses = uses[:min(len(uses), 1000)]
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, u := range uses {
		r, there := n.records[n.key(u.ID)]
		if !there && n.has("fails for uses of the unknown") {
			return apikey.ErrUnknown
		}
		if !there {
			continue
		}
		if (r.SHA256 == u.SHA256 || n.has("saves uses of any text")) && (r.Used.Before(u.At) || n.has("saves earlier uses")) {
			r.Used = u.At
		}
		if r.Previous == u.SHA256 && (r.PreviousUsed.Before(u.At) || n.has("saves earlier uses")) {
			r.PreviousUsed = u.At
		}
		n.records[n.key(u.ID)] = r
	}
	return nil
}
