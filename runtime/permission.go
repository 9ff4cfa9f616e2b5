package runtime

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// A Permission is the name of a permission, prepared so that [Principal.Has] is the test of a bit. The zero
// Permission is one that nobody has.
type Permission struct{ name interned }

// NewPermission prepares a permission. It is meant for package-level variables, as in generated code: names are kept
// for the life of the process, so do not make permissions of what requests carry; [Principal.HasPermission] takes a
// string. Two calls with one name give equal values. It is safe for concurrent use.
func NewPermission(name string) Permission { return Permission{permissionNames.intern(name)} }

// String returns the permission's name.
func (p Permission) String() string { return p.name.text }

// A Scope is an OAuth 2.0 scope (RFC 6749 section 3.3), prepared so that [Principal.HasScope] is the test of a bit.
// The zero Scope is one that nobody has.
type Scope struct{ name interned }

// NewScope prepares a scope, as [NewPermission] does a permission.
func NewScope(name string) Scope { return Scope{scopeNames.intern(name)} }

// String returns the scope's name.
func (s Scope) String() string { return s.name.text }

// The names that guards of this process mention.
var permissionNames, scopeNames nameTable

// An interned name has a number. Numbers begin at 1; 0 is the zero value's, and belongs to nobody.
type interned struct {
	text string
	id   uint32
}

// A nameTable numbers names.
//
// Names are added while packages are initialised and looked up while requests are served, so lookups go to a snapshot
// that no lock protects. It is made at the first lookup after an addition, since copying at each addition would be
// quadratic.
type nameTable struct {
	mu       sync.Mutex
	ids      map[string]uint32 // guarded by mu
	snapshot atomic.Pointer[map[string]uint32]
}

// intern returns the name with its number, which stays the same for the life of the process. The empty name has the
// number 0.
func (t *nameTable) intern(name string) interned {
	if name == "" {
		return interned{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	id, ok := t.ids[name]
	if !ok {
		if t.ids == nil {
			t.ids = make(map[string]uint32)
		}
		id = uint32(len(t.ids) + 1)
		t.ids[name] = id
		t.snapshot.Store(nil)
	}
	return interned{text: name, id: id}
}

// all returns the numbers of all names. The map must not be changed.
func (t *nameTable) all() map[string]uint32 {
	if ids := t.snapshot.Load(); ids != nil {
		return *ids
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := maps.Clone(t.ids)
	t.snapshot.Store(&ids)
	return ids
}

// A nameSet is a set of names, with a bit for each that its table had when the set was made.
type nameSet struct {
	names  []string
	known  uint32   // numbers below it have their bit, set or not
	bits   []uint64 // long enough for all numbers below known
	inline [2]uint64
}

// fill makes s, which must be zero, the set of these names, and keeps the slice.
func (s *nameSet) fill(names []string, table *nameTable) {
	if len(names) == 0 {
		return
	}
	ids := table.all()
	s.names = names
	s.known = uint32(len(ids) + 1)
	s.bits = s.inline[:]
	if words := int(s.known+63) / 64; words > len(s.inline) {
		s.bits = make([]uint64, words)
	}
	for _, name := range names {
		if id := ids[name]; id != 0 {
			s.bits[id/64] |= 1 << (id % 64)
		}
	}
}

// has reports whether the name is in the set. A name that is younger than the set has no bit, so the text decides.
func (s *nameSet) has(name interned) bool {
	if name.id < s.known {
		return s.bits[name.id/64]&(1<<(name.id%64)) != 0
	}
	return s.contains(name.text)
}

// contains reports whether the name is in the set. The empty name never is.
func (s *nameSet) contains(name string) bool { return name != "" && slices.Contains(s.names, name) }
