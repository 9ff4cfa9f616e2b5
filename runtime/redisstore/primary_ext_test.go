package redisstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// allStores are stores of all kinds on one server, made while it was a primary.
type allStores struct {
	loginStores
	revocations, beside *redisstore.Revocation // the other one is beside a Django site
}

func newAllStores(t testing.TB, s *server) allStores {
	t.Helper()
	stores := allStores{
		loginStores: newLoginStores(t, s.client(t), long, 0),
		revocations: newStore(t, redisstore.RevocationConfig{Client: s.client(t), Timeout: long}),
		beside:      newStore(t, redisstore.RevocationConfig{Client: s.client(t), Timeout: long, Django: ":1:"}),
	}
	require.NoError(t, stores.revocations.Revoke(t.Context(), token("known")))
	stores.logIn(t, "kept")
	rotate(t, stores.families, rotation("kept", "0", "1"), refresh.Rotated)
	return stores
}

// reads are all calls that answer without changing anything, whether they find something or not.
func (s allStores) reads() map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{
		"Changes": func(ctx context.Context) error { _, _, err := s.revocations.Changes(ctx, 0, 10); return err },
		"List":    func(ctx context.Context) error { _, err := s.sessions.List(ctx, "7"); return err },
		"List of nobody": func(ctx context.Context) error {
			_, err := s.sessions.List(ctx, "nobody")
			return err
		},
		"Rotate, Repeated": func(ctx context.Context) error {
			_, err := s.families.Rotate(ctx, rotation("kept", "0", "2"))
			return err
		},
		"Rotate, Unknown": func(ctx context.Context) error {
			_, err := s.families.Rotate(ctx, rotation("none", "0", "2"))
			return err
		},
		"Rotate, over": func(ctx context.Context) error {
			r := rotation("kept", "1", "2")
			r.Now = noon.Add(2 * time.Hour)
			r.Expires = noon.Add(3 * time.Hour)
			_, err := s.families.Rotate(ctx, r)
			return err
		},
		"Touch, not newer": func(ctx context.Context) error {
			return s.sessions.Touch(ctx, digest("kept"), noon, noon.Add(time.Hour))
		},
		"Load": func(ctx context.Context) error { _, err := s.sessions.Load(ctx, digest("kept")); return err },
	}
	for name, end := range s.endings() { // of "it", which is not there
		if !strings.HasPrefix(name, "EndUser") {
			calls[name] = end
		}
	}
	calls["EndUser for families"] = func(ctx context.Context) error { return s.families.EndUser(ctx, issuer, "nobody", noon) }
	calls["EndUser for sessions"] = func(ctx context.Context) error { return s.sessions.EndUser(ctx, "nobody", session.Digest{}) }
	for name, store := range map[string]*redisstore.Revocation{"": s.revocations, " beside a site": s.beside} {
		for _, id := range []string{"known", "never"} {
			calls["Revoked: "+id+name] = func(ctx context.Context) error { _, err := store.Revoked(ctx, token(id)); return err }
		}
	}
	return calls
}

// refusals are the reads whose answer is an error of package session.
func (s allStores) refusals() map[string]func(context.Context) error {
	newer := record("kept")
	newer.Version = 7
	return map[string]func(context.Context) error{
		"Load, none": func(ctx context.Context) error { _, err := s.sessions.Load(ctx, digest("none")); return err },
		"Touch, none": func(ctx context.Context) error {
			return s.sessions.Touch(ctx, digest("none"), noon.Add(time.Minute), noon.Add(time.Hour))
		},
		"Touch, over": func(ctx context.Context) error {
			return s.sessions.Touch(ctx, digest("kept"), noon.Add(2*time.Hour), noon.Add(3*time.Hour))
		},
		"Touch, beyond": func(ctx context.Context) error {
			return s.sessions.Touch(ctx, digest("kept"), noon.Add(time.Minute), noon.Add(48*time.Hour))
		},
		"Update, none":     func(ctx context.Context) error { return s.sessions.Update(ctx, record("none"), noon) },
		"Update, over":     func(ctx context.Context) error { return s.sessions.Update(ctx, record("kept"), noon.Add(2*time.Hour)) },
		"Update, conflict": func(ctx context.Context) error { return s.sessions.Update(ctx, newer, noon) },
		"Create, exists":   func(ctx context.Context) error { return s.sessions.Create(ctx, record("kept")) },
		"Start, exists":    func(ctx context.Context) error { return s.families.Start(ctx, family("kept")) },
	}
}

// refuses shows that nothing is read from a server.
func (s allStores) refuses(t *testing.T, want string) {
	t.Helper()
	for _, calls := range []map[string]func(context.Context) error{s.reads(), s.refusals()} {
		for name, call := range calls {
			require.ErrorContains(t, call(t.Context()), want, name)
		}
	}
}

func (s allStores) answers(t *testing.T) {
	t.Helper()
	for name, call := range s.reads() {
		require.NoError(t, call(t.Context()), name)
	}
	for name, call := range s.refusals() {
		err := call(t.Context())
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "READONLY", name)
		require.NotContains(t, err.Error(), "NOREPLICAS", name)
	}
}

// A server that has become a replica since, of a primary that it does not reach, says nothing of what it had: neither that
// something is not revoked nor that a login is good, nor that it is not, nor that there is nothing to end.
func TestDemoted(t *testing.T) {
	t.Parallel()
	for _, program := range programs(t) {
		server := startServer(t, program)
		stores := newAllStores(t, server)
		stores.answers(t)
		admin := server.client(t)
		require.NoError(t, admin.ReplicaOf(t.Context(), "127.0.0.1", fmt.Sprint(freePort(t))).Err())
		stores.refuses(t, "READONLY")
		require.NoError(t, admin.ReplicaOf(t.Context(), "no", "one").Err())
		stores.answers(t)
	}
}

// A primary that has lost its replicas does not know whether another one is in its place. Its setting has it say nothing
// then, to readers either.
func TestIsolated(t *testing.T) {
	t.Parallel()
	for _, program := range programs(t) {
		server := startServer(t, program)
		stores := newAllStores(t, server)
		admin := server.client(t)
		require.NoError(t, admin.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err())
		stores.refuses(t, "NOREPLICAS")
		require.NoError(t, admin.ConfigSet(t.Context(), "min-replicas-to-write", "0").Err())
		stores.answers(t)
	}
}

// A server that cannot save what it is told says nothing, as the package's documentation says.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "removed")
	require.NoError(t, os.Mkdir(dir, 0o700))
	server := startServer(t, redisServer, "dir "+dir, `save 3600 1`)
	stores := newAllStores(t, server)
	stores.answers(t)
	require.NoError(t, os.RemoveAll(dir))
	admin := server.client(t)
	require.NoError(t, admin.BgSave(t.Context()).Err())
	eventually(t, func() error {
		text, err := admin.Info(t.Context(), "persistence").Result()
		if err == nil && !strings.Contains(text, "rdb_last_bgsave_status:err") {
			err = fmt.Errorf("not yet: %s", text)
		}
		return err
	}, server.log)
	stores.refuses(t, "MISCONF")
}

// What reads begin with changes nothing: neither replicas nor a file get anything of it.
func TestReadsChangeNothing(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	stores := newAllStores(t, server)
	stores.answers(t)
	admin := server.client(t)
	changes := func() (found string) {
		for line := range strings.Lines(admin.Info(t.Context(), "persistence").Val()) {
			if strings.HasPrefix(line, "rdb_changes_since_last_save:") {
				found = line
			}
		}
		require.NotEmpty(t, found)
		return found
	}
	before := changes()
	stores.answers(t)
	require.Equal(t, before, changes())
	keys, err := admin.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Len(t, keys, 3+2*3)
}
