package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func init() { logging.Disable() } // as main does

var update = flag.Bool("update", false, "rewrite the wanted help texts under testdata")

// A desk is where a test calls the commands: a folder with a store, and a clock.
type desk struct {
	t        *testing.T
	path     string
	url      string
	env      string // REVOCATION
	now      time.Time
	opening  time.Duration
	patience time.Duration
	store    *storeurl.Store // as a server has it
}

// newDesk returns one whose store is there, and empty.
func newDesk(t *testing.T) *desk {
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "a b?c%#.db"), now: time.Now(), opening: time.Minute, patience: time.Hour}
	d.url = "sqlite:" + d.path
	store, err := storeurl.Open(t.Context(), d.url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	d.store = store
	return d
}

// call runs a command line on the store.
func (d *desk) call(args ...string) (code int, stdout, stderr string) {
	d.t.Helper()
	return d.callWith(new(bytes.Buffer), append(args, "--store", d.url)...)
}

func (d *desk) callWith(stdout io.Writer, args ...string) (code int, out, stderr string) {
	d.t.Helper()
	return d.callIn(d.t.Context(), stdout, args...)
}

func (d *desk) callIn(ctx context.Context, stdout io.Writer, args ...string) (code int, out, stderr string) {
	var e bytes.Buffer
	a := &app{
		stdout: stdout, stderr: &e, version: "v1.2.3", opening: d.opening, patience: d.patience, now: func() time.Time { return d.now },
		getenv: func(name string) string { return map[string]string{"REVOCATION": d.env}[name] },
	}
	code = a.run(ctx, args)
	if b, ok := stdout.(*bytes.Buffer); ok {
		out = b.String()
	}
	return code, out, e.String()
}

// changes returns all that is in the store.
func (d *desk) changes() []revocation.Change {
	d.t.Helper()
	changes, _, err := d.store.Feed.Changes(d.t.Context(), 0, 1000)
	require.NoError(d.t, err)
	return changes
}

func (d *desk) revoked(token revocation.Token) bool {
	d.t.Helper()
	revoked, err := d.store.Feed.Revoked(d.t.Context(), token)
	require.NoError(d.t, err)
	return revoked
}

// exec runs a statement on the file of the store.
func (d *desk) exec(statement string) {
	d.t.Helper()
	file := url.URL{Scheme: "file", Path: d.path, RawQuery: "_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", file.String())
	require.NoError(d.t, err)
	_, err = db.ExecContext(d.t.Context(), statement)
	require.NoError(d.t, err)
	require.NoError(d.t, db.Close())
}

// line is what revoke says about the store.
func (d *desk) line() string { return "store: sqlite " + d.path + ", table revocations; by --store\n" }

const firstNote = "note: nothing was revoked in this store before; is it the one that the servers use?\n"

func TestRevokeToken(t *testing.T) {
	d := newDesk(t)
	d.now = time.Date(2100, 11, 26, 12, 0, 0, 0, time.UTC)
	code, stdout, stderr := d.call("revoke", "--jti", "x", "--issuer", "me")
	assert.Equal(t, []any{0, firstNote}, []any{code, stderr})
	assert.Equal(t, "revoked: token \"x\", of issuer \"me\"\n"+d.line()+
		"kept: for good; --expires says when the last of these tokens is over\n", stdout)
	code, stdout, stderr = d.call("revoke", "--jti", "y\u202e", "--issuer", "me", "--expires", "90d")
	assert.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.Equal(t, "revoked: token \"y\\u202e\", of issuer \"me\"\n"+d.line()+"kept: until 2101-02-24 12:00 UTC at least\n", stdout)
	assert.Equal(t, []revocation.Change{
		{Issuer: "me", ID: "x"},
		{Issuer: "me", ID: "y\u202e", Until: time.UnixMicro(d.now.Add(90 * 24 * time.Hour).UnixMicro())},
	}, d.changes())
	assert.True(t, d.revoked(revocation.Token{Issuer: "me", ID: "x"}))
	assert.False(t, d.revoked(revocation.Token{Issuer: "you", ID: "x"}))
	assert.False(t, d.revoked(revocation.Token{Issuer: "me", ID: "z"}))

	code, _, stderr = d.call("revoke", "--jti", "x", "--issuer", "me", "--expires", "1h")
	assert.Equal(t, []any{0, ""}, []any{code, stderr})
	require.Len(t, d.changes(), 2)
	assert.Contains(t, d.changes(), revocation.Change{Issuer: "me", ID: "x"}, "it is not kept shorter")
}

func TestRevokeFamily(t *testing.T) {
	d := newDesk(t)
	code, stdout, _ := d.call("revoke", "--family", "f", "--issuer", "", "--expires", "2999-01-31")
	require.Zero(t, code)
	assert.Equal(t, "revoked: all tokens of family \"f\", of no issuer\n"+d.line()+"kept: until 2999-01-31 00:00 UTC at least\n", stdout)
	assert.True(t, d.revoked(revocation.Token{ID: "any", Family: "f"}))
	assert.False(t, d.revoked(revocation.Token{ID: "f", UserID: "f"}))
}

// A key is revoked as servers know keys.
func TestRevokeKey(t *testing.T) {
	d := newDesk(t)
	require.NoError(t, d.store.Feed.Revoke(t.Context(), revocation.Token{ID: "other"}))
	key, err := apikey.Generate("acme")
	require.NoError(t, err)
	record := apikey.Record{ID: key.ID, Owner: "42", Created: d.now.Add(-time.Hour)}
	code, stdout, stderr := d.call("revoke", "--key", key.ID)
	assert.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.Equal(t, "revoked: API key \""+key.ID+"\", of issuer urn:boltauthgen:apikey\n"+d.line()+
		"kept: for good; --expires says when the key is over\n", stdout)
	assert.True(t, d.revoked(apikey.TokenOf(record)))
	assert.False(t, d.revoked(revocation.Token{ID: key.ID}), "a token is no key")

	code, stdout, stderr = d.call("revoke", "--key", "ci-bot", "--expires", "2999-01-31")
	assert.Equal(t, []any{0, "note: this does not have the form of an id that boltauthgen key makes; it is right only if it is an ID in the servers' configuration\n"}, []any{code, stderr})
	assert.Contains(t, stdout, "\nkept: until 2999-01-31 00:00 UTC at least\n")
	assert.True(t, d.revoked(apikey.TokenOf(apikey.Record{ID: "ci-bot"})))

	code, stdout, _ = d.call("revoke", "--user", "42", "--issuer", apikey.Issuer)
	require.Zero(t, code)
	assert.Contains(t, stdout, "revoked: all API keys of user \"42\", of issuer urn:boltauthgen:apikey, that were issued until ")
	record.ID = "another"
	assert.True(t, d.revoked(apikey.TokenOf(record)))
	record.Created = d.now.Add(time.Hour)
	assert.False(t, d.revoked(apikey.TokenOf(record)), "one that is made later")
}

// What is not there stays so: a table that nobody reads would be taken for a store.
func TestStoreThatIsNotThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.db")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	d := newDesk(t)
	for place, named := range map[string]string{"sqlite:" + file: "revocations in " + file, d.url + "?table=others": "others in " + d.path} {
		for _, args := range [][]string{{"status"}, {"revoke", "--jti", "x", "--issuer", "me"}} {
			code, stdout, stderr := d.callWith(new(bytes.Buffer), append(args, "--store", place)...)
			assert.Equal(t, []any{exitUsage, ""}, []any{code, stdout})
			want := "boltauthgen " + args[0] + ": sqlite store of --store: the store is not there: there is no table " + named +
				"\n    servers make it: is it another one? the URL names it by ?table=NAME\n"
			if args[0] == "revoke" {
				want += "    nothing was revoked\n"
			}
			assert.Equal(t, want, stderr)
		}
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Empty(t, text)

	d.url += "?table=others"
	store, err := storeurl.Open(t.Context(), d.url)
	require.NoError(t, err)
	defer store.Close()
	code, _, stderr := d.call("revoke", "--jti", "x", "--issuer", "me")
	require.Zero(t, code, stderr)
	revoked, err := store.Feed.Revoked(t.Context(), revocation.Token{Issuer: "me", ID: "x"})
	require.NoError(t, err)
	assert.True(t, revoked)
	assert.Empty(t, d.changes(), "that of the usual table")
}

func TestRevokeUser(t *testing.T) {
	d := newDesk(t)
	d.now = time.Date(2026, 11, 26, 12, 0, 0, 5e8, time.UTC)
	at := func(s string) revocation.Token {
		issued, err := time.Parse(time.RFC3339Nano, s)
		require.NoError(t, err)
		return revocation.Token{Issuer: "me", ID: "any", UserID: "42", IssuedAt: issued}
	}
	code, stdout, stderr := d.call("revoke", "--issuer", "me", "--user", "42", "--before", "2026-11-25T12:00:00+01:00")
	assert.Equal(t, []any{0, firstNote}, []any{code, stderr})
	assert.Equal(t, "revoked: all tokens of user \"42\", of issuer \"me\", that were issued until 2026-11-25T11:00:00Z\n"+
		d.line()+"kept: for good\n", stdout)
	assert.True(t, d.revoked(at("2026-11-25T11:00:00Z")))
	assert.False(t, d.revoked(at("2026-11-25T11:00:01Z")))

	code, stdout, _ = d.call("revoke", "--issuer", "me", "--user", "42")
	require.Zero(t, code)
	assert.Contains(t, stdout, "issued until 2026-11-26T12:00:00Z\n")
	assert.True(t, d.revoked(at("2026-11-26T12:00:00.5Z")))
	assert.False(t, d.revoked(at("2026-11-26T12:00:01Z")), "they may log in again")

	code, _, stderr = d.call("revoke", "--issuer", "me", "--user", "42", "--before", "2026-01-31")
	assert.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.True(t, d.revoked(at("2026-11-26T12:00:00Z")), "an earlier instant changes nothing")
}

func TestNoIssuer(t *testing.T) {
	d := newDesk(t)
	for _, flag := range []string{"--jti", "--user", "--family"} {
		code, stdout, stderr := d.call("revoke", flag, "x")
		assert.Equal(t, []any{exitUsage, ""}, []any{code, stdout}, flag)
		assert.Equal(t, "boltauthgen revoke: --issuer is missing: it is the claim iss of the tokens\n    if they have none, it is --issuer ''\n", stderr)
	}
	assert.Empty(t, d.changes())
	code, stdout, stderr := d.call("revoke", "--jti", "x y", "--issuer", "")
	assert.Equal(t, []any{0, firstNote}, []any{code, stderr}, "who says so means it")
	assert.Contains(t, stdout, "revoked: token \"x y\", of no issuer\n")
	assert.True(t, d.revoked(revocation.Token{ID: "x y"}))
}

func TestVariable(t *testing.T) {
	d := newDesk(t)
	d.env = d.url
	code, stdout, stderr := d.callWith(new(bytes.Buffer), "revoke", "--jti", "x", "--issuer", "me")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "\nstore: sqlite "+d.path+", table revocations; by REVOCATION\n")
	assert.Len(t, d.changes(), 1)

	other := newDesk(t)
	d.env = other.url
	code, _, stderr = d.call("revoke", "--jti", "y", "--issuer", "me")
	require.Zero(t, code, stderr)
	assert.Len(t, d.changes(), 2, "the flag is what counts")
	assert.Empty(t, other.changes())

	d.env = "sqlite:/no/such.db"
	code, _, stderr = d.callWith(new(bytes.Buffer), "status")
	assert.Equal(t, exitUsage, code)
	assert.Equal(t, "boltauthgen status: sqlite store of REVOCATION: the store is not there: there is no file /no/such.db\n"+
		"    servers make it: is it the one that they use?\n", stderr)
}

func TestRefusedCalls(t *testing.T) {
	d := newDesk(t)
	folder := t.TempDir()
	none := filepath.Join(folder, "no.db")
	require.NoError(t, os.WriteFile(none, []byte("this is no database, and it is long enough to be read as one"), 0o600))
	const server = "postgres://u:hidden@127.0.0.1:1/x" // where nobody listens
	token := "eyJhbGciOiJIUzI1NiJ9.eyJoaWRkZW4iOjF9.hidden"
	generated, err := apikey.Generate("hidden")
	require.NoError(t, err)
	hiddenKey := generated.Text
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, 2, "boltauthgen: which command? revoke or status; see boltauthgen revoke --help\n"},
		{[]string{"rveoke"}, 2, "which command? revoke or status"},
		{[]string{server}, 2, "which command? revoke or status"},
		{[]string{"help", "nothing"}, 2, "there is no command nothing"},
		{[]string{"help", server}, 2, "there is no command postgres://..."},
		{[]string{"revoke"}, 2, "boltauthgen revoke: one of --jti, --family, --user and --key is wanted, not 0 of them\n"},
		{[]string{"revoke", "--jti", "x", "--user", "x", "--issuer", "me", "--store", d.url}, 2, "one of --jti, --family, --user and --key is wanted, not 2 of them"},
		{[]string{"revoke", "--jti", "x", "--jti", "y", "--issuer", "me", "--store", d.url}, 2, "--jti is there 2 times: one thing is revoked at a time, and nothing was\n"},
		{[]string{"revoke", "--jti", token, "--jti", "y", "--issuer", "me", "--store", d.url}, 2, "--jti is there 2 times"},
		{[]string{"revoke", "--user", "x", "--user", "x", "--user", "z", "--issuer", "me", "--store", d.url}, 2, "--user is there 3 times"},
		{[]string{"revoke", "--key", "x", "--key", "x", "--store", d.url}, 2, "--key is there 2 times"},
		{[]string{"revoke", "--family", "x", "--family", "x", "--issuer", "me", "--store", d.url}, 2, "--family is there 2 times"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--issuer", "you", "--store", d.url}, 2, "--issuer, --expires or --before is there more than once: which is meant?"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--expires", "1d", "--expires", "2d", "--store", d.url}, 2, "is there more than once"},
		{[]string{"revoke", "--jti", "x\n", "--issuer", "me", "--store", d.url}, 2, "--jti has white space at its ends, or control characters: no id has"},
		{[]string{"revoke", "--family", "x\ty", "--issuer", "me", "--store", d.url}, 2, "--family has white space at its ends, or control"},
		{[]string{"revoke", "--user", "\u00a0x", "--issuer", "me", "--store", d.url}, 2, "--user has white space at its ends, or control"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me ", "--store", d.url}, 2, "--issuer has white space at its ends, or control"},
		{[]string{"revoke", "--user", "apikey:ci", "--issuer", "me", "--store", d.url}, 2, "--user: that is the principal of an API key, whose id is ci: --key ci\n"},
		{[]string{"revoke", "--user", "APIKEY:ci", "--store", d.url}, 2, "--user: that is the principal of an API key, whose id is ci: --key ci\n"},
		{[]string{"revoke", "--key", "apikey:ci", "--store", d.url}, 2, "--key: that is how logs name the key, whose id is ci: --key ci\n"},
		{[]string{"revoke", "--key", "acme_tGc3uXYzmD9wQ0Lb", "--store", d.url}, 2, "--key: that is a key's prefix and its id, which is tGc3uXYzmD9wQ0Lb: --key tGc3uXYzmD9wQ0Lb\n    if all of it is an ID in the servers' configuration, it is --issuer urn:boltauthgen:apikey --jti acme_tGc3uXYzmD9wQ0Lb\n"},
		{[]string{"revoke", "--key", "x ", "--store", d.url}, 2, "--key has white space at its ends"},
		{[]string{"revoke", "--jti", "", "--store", d.url}, 2, "--jti is empty"},
		{[]string{"revoke", "--user", "", "--store", d.url}, 2, "--user is empty"},
		{[]string{"revoke", "--family", "", "--jti", "", "--store", d.url}, 2, " is empty"},
		{[]string{"revoke", "--jti", token, "--store", d.url}, 2, "--jti: that is a whole token, which is now in the shell's history\n"},
		{[]string{"revoke", "--user", "Bearer " + token, "--store", d.url}, 2, "--user: that is a whole token"},
		{[]string{"revoke", "--key", "", "--store", d.url}, 2, "--key is empty"},
		{[]string{"revoke", "--key", token, "--store", d.url}, 2, "--key: that is a whole token"},
		{[]string{"revoke", "--key", hiddenKey, "--store", d.url}, 2, "--key: that is an API key or a part of one, which is now in the shell's history\n    --key wants its id, which is the part between the underscores\n"},
		{[]string{"revoke", "--key", " " + hiddenKey + "\n", "--store", d.url}, 2, "--key: that is an API key or a part of one"},
		{[]string{"revoke", "--key", hiddenKey[:len(hiddenKey)-3], "--store", d.url}, 2, "--key: that is an API key or a part of one"},
		{[]string{"revoke", "--key", hiddenKey[len(hiddenKey)-36:], "--store", d.url}, 2, "--key: that is an API key or a part of one"},
		{[]string{"revoke", "--key", hiddenKey + ",hidden", "--store", d.url}, 2, "--key: that is an API key or a part of one"},
		{[]string{"revoke", "--jti", hiddenKey, "--store", d.url}, 2, "--jti: that is an API key"},
		{[]string{"revoke", "--user", hiddenKey, "--store", d.url}, 2, "--user: that is an API key"},
		{[]string{"revoke", "--key", "hidden id", "--store", d.url}, 2, "--key: that is no id of a key"},
		{[]string{"revoke", "--key", strings.Repeat("hidden-", 40), "--store", d.url}, 2, "--key: that is no id of a key"},
		{[]string{"revoke", "--key", "x", "--issuer", "me", "--store", d.url}, 2, "--issuer is none of --key: the issuer of all API keys is urn:boltauthgen:apikey\n"},
		{[]string{"revoke", "--key", "x", "--issuer", "", "--store", d.url}, 2, "--issuer is none of --key"},
		{[]string{"revoke", "--key", "x", "--before", "2020-01-31", "--store", d.url}, 2, "--before belongs to --user alone"},
		{[]string{"revoke", "--key", "x", "--jti", "x", "--issuer", "me", "--store", d.url}, 2, "wanted, not 2 of them"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me"}, 2, "--store is missing, and so is REVOCATION\n    say which store, as in --store sqlite:app.db"},
		{[]string{"status"}, 2, "boltauthgen status: --store is missing"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", ""}, 2, "--store is empty"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "hidden"}, 2, "--store: what kind of store?\n    it is one of sqlite:PATH, postgres, mysql, redis, redis+cluster and redis+sentinel; see --help\n"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "hidden:x"}, 2, "--store: what kind of store?"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "ftp://u:hidden@h"}, 2, "--store: what kind of store?"},
		{[]string{"status", "--store", "mariadb://u:hidden@h/x"}, 2, "--store: the scheme mariadb is written mysql\n"},
		{[]string{"status", "--store", "valkey://u:hidden@h/0"}, 2, "--store: the scheme valkey is written redis\n"},
		{[]string{"status", "--store", "hidden:hidden@tcp(h)/x"}, 2, "--store: that is how Go's driver writes it; here it is mysql://USER:PASSWORD@HOST:PORT/DATABASE\n"},
		{[]string{"status", "--store", "host=h password=hidden"}, 2, "here it is postgres://USER:PASSWORD@HOST:PORT/DATABASE\n"},
		{[]string{"status", "--store", "redis://u:pa#hidden@h/0"}, 2, "--store: redis URL: there is a # in it, which is written %23\n"},
		{[]string{"status", "--store", "mysql://u:12/hidden@h/x"}, 2, "--store: mysql URL: there is an @ behind the host; in a password @ is written %40"},
		{[]string{"status", "--store", "postgres://u:pa@hidden@h/x"}, 2, "--store: postgres URL: there is an @ behind the host"},
		{[]string{"status", "--store", "sqlite://no.db"}, 2, "there is no file /no.db\n    servers make it: is it the one that they use?\n    a path that begins with slashes begins at the root; it is sqlite:PATH, as in sqlite:no.db\n"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "memory:"}, 2, "--store: memory is that of the server's process"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "sqlite:"}, 2, "--store: sqlite URL: it has no path, as in sqlite:app.db\n    see --help\n"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "sqlite:" + folder + "/new.db"}, 2, "sqlite store of --store: the store is not there: there is no file " + folder + "/new.db\n    servers make it: is it the one that they use?\n    nothing was revoked\n"},
		{[]string{"status", "--store", "sqlite:" + folder + "/new.db"}, 2, "sqlite store of --store: the store is not there: there is no file " + folder + "/new.db\n"},
		{[]string{"status", "--store", "sqlite:" + folder}, 2, "sqlite store of --store: "},
		{[]string{"status", "--store", "postgres:hidden"}, 2, "--store: postgres URL: it is malformed; in a password @ is written %40, / %2F, # %23, ? %3F and % %25\n    see --help\n"},
		{[]string{"status", "--store", "mysql://u:hidden@%zz/x"}, 2, "--store: mysql URL: it is malformed; in a password @ is written %40"},
		{[]string{"status", "--store", "redis://u:hidden@127.0.0.1:1/x"}, 2, "--store: redis URL: the path is no number of a database, as /0 is\n    see --help\n"},
		{[]string{"status", "--store", "postgres://u:hidden@127.0.0.1:1/x?sslmode=hidden"}, 2, "--store: postgres URL: the value of the parameter sslmode is none\n    see --help\n"},
		{[]string{"status", "--store", "mysql://u:hidden@127.0.0.1:1/x?tls=hidden"}, 2, "--store: mysql URL: tls is none of true, false, skip-verify and preferred"},
		{[]string{"status", "--store", "redis://u:hidden@127.0.0.1:1/0?replicas=hidden"}, 2, "--store: redis URL: replicas is not a number, or negative"},
		{[]string{"status", "--store", "redis+sentinel://u:hidden@127.0.0.1:1/0"}, 2, "--store: redis+sentinel URL: master_name is missing"},
		{[]string{"status", "--store", server}, 2, "postgres store of --store: "},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "redis://u:hidden@127.0.0.1:1/0"}, 2, "redis store of --store: "},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--store", "sqlite:" + none}, 2, "sqlite store of --store: revocation.NewSQL: "},
		{[]string{"revoke", "--jti", "x", "--stor=" + server}, 2, "unknown flag: --stor (did you mean --store?)"},
		{[]string{"revoke", "--jti", "x", "-store=" + server}, 2, "unknown flag: -store (long flags have two dashes)\n"},
		{[]string{"revoke", "--jti", "x", "-store=mysql:u:hidden@x"}, 2, "unknown flag: -store (long flags have two dashes)\n"},
		{[]string{"revoke", "--jti", "x", "---store=" + server}, 2, "bad flag syntax: ---store=postgres://...\n"},
		{[]string{"revoke", "--jti", "x", "-jti"}, 2, "(did you mean --jti?)"},
		{[]string{"revoke", "--jti", "x", "hidden"}, 2, "there is an argument that belongs to no flag"},
		{[]string{"status", server}, 2, "there is an argument that belongs to no flag"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--expires", "soon", "--store", d.url}, 2, "--expires soon: neither a time span"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--expires", "99999999d", "--store", d.url}, 2, "--expires 99999999d: too far"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--expires", "2020-01-31", "--store", d.url}, 2, "--expires 2020-01-31: that is not in the future"},
		{[]string{"revoke", "--jti", "x", "--issuer", "me", "--before", "2020-01-31", "--store", d.url}, 2, "--before belongs to --user alone"},
		{[]string{"revoke", "--user", "x", "--issuer", "me", "--expires", "never", "--store", d.url}, 2, "--expires is none of --user"},
		{[]string{"revoke", "--user", "x", "--issuer", "me", "--before", "2h", "--store", d.url}, 2, "--before 2h: neither a day, as 2027-01-31, nor an instant"},
		{[]string{"revoke", "--user", "x", "--issuer", "me", "--before", "", "--store", d.url}, 2, "--before : neither a day"},
		{[]string{"revoke", "--user", "x", "--issuer", "me", "--before", "2999-01-31", "--store", d.url}, 2, "--before 2999-01-31: that is in the future\n    the user could not log in until then"},
		{[]string{"revoke", "--user", "x", "--issuer", "me", "--before", "0001-01-01", "--store", d.url}, 2, "--before 0001-01-01: that is too early"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(tt.args, " "), d.url, "STORE"), func(t *testing.T) {
			code, stdout, stderr := d.callWith(new(bytes.Buffer), tt.args...)
			assert.Equal(t, tt.code, code, stderr)
			assert.True(t, strings.HasPrefix(stderr, "boltauthgen"), stderr)
			assert.Contains(t, stderr, tt.want)
			assert.NotContains(t, stderr, "hidden")
			assert.NotContains(t, stderr, hiddenKey[len(hiddenKey)-30:len(hiddenKey)-10])
			assert.Empty(t, stdout, "nothing is said to be revoked")
		})
	}
	assert.Empty(t, d.changes(), "nothing has been revoked")
	assert.NoFileExists(t, filepath.Join(folder, "new.db"))
}

func TestStoreThatDoesNotDoIt(t *testing.T) {
	for name, tt := range map[string]struct{ act, want string }{
		"it refuses":           {`RAISE(ABORT, 'no room')`, "no room"},
		"it acknowledges only": {`RAISE(IGNORE)`, "the store has acknowledged it, and does not know it"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.exec(`CREATE TRIGGER refuse BEFORE INSERT ON revocations WHEN NEW.kind > 0 BEGIN SELECT ` + tt.act + `; END`)
			for _, flag := range []string{"--jti", "--user", "--family"} {
				code, stdout, stderr := d.call("revoke", flag, "x", "--issuer", "me")
				assert.Equal(t, exitProblems, code)
				assert.Empty(t, stdout)
				assert.Contains(t, stderr, "boltauthgen revoke: sqlite store of --store: not known to be revoked: ")
				assert.Contains(t, stderr, tt.want)
				assert.Contains(t, stderr, "\n    call it again: that does no harm\n")
			}
			assert.Empty(t, d.changes())
		})
	}
}

// A Redis whose user may not write will not do it however often it is asked.
func TestStoreThatDoesNotAllowIt(t *testing.T) {
	address := startRedis(t)
	d := &desk{t: t, opening: time.Minute, patience: time.Hour, url: "redis://" + address + "/3?prefix=mine"}
	code, stdout, stderr := d.call("revoke", "--jti", "x", "--issuer", "me")
	assert.Equal(t, []any{exitUsage, ""}, []any{code, stdout})
	assert.Equal(t, "boltauthgen revoke: redis store of --store: the store is not there: nothing has the prefix mine in database 3 of "+address+
		"\n    servers make it: is it another one? the URL names it by ?prefix=NAME"+
		"\n    or the server has lost its data: then start the servers' program again, which makes the store anew\n    nothing was revoked\n", stderr)

	store, err := storeurl.Open(t.Context(), d.url)
	require.NoError(t, err)
	defer store.Close()
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	require.NoError(t, client.Do(t.Context(), "ACL", "SETUSER", "reader", "on", ">hidden", "~*", "&*", "+@all", "-zadd").Err())
	d.url = "redis://reader:hidden@" + address + "/3?prefix=mine"
	code, stdout, stderr = d.call("revoke", "--jti", "x", "--issuer", "me")
	assert.Equal(t, []any{exitProblems, ""}, []any{code, stdout})
	assert.Contains(t, stderr, "boltauthgen revoke: redis store of --store: not known to be revoked: ")
	assert.Contains(t, stderr, "\n    to call it again does not help: the store does not allow it\n")
	assert.NotContains(t, stderr, "hidden")

	d.url = "redis://reader:hiddenToo@" + address + "/3?prefix=mine"
	code, _, stderr = d.call("revoke", "--jti", "x", "--issuer", "me")
	assert.Equal(t, exitUsage, code)
	assert.NotContains(t, stderr, "again")
	assert.NotContains(t, stderr, "hidden")

	d.url = "redis://" + address + "/3?prefix=mine"
	code, stdout, stderr = d.call("status")
	require.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.Contains(t, stdout, "\nhost      "+address+"\ndatabase  3\nprefix    mine\ntokens    0\n")
}

// startRedis starts one on a free port, which ends with the test.
func startRedis(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	server := exec.CommandContext(t.Context(), "redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir())
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Wait() }) // by now it is killed: the context of the test has ended
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, 30*time.Second, 20*time.Millisecond)
	return address
}

func TestServerThatSaysNothing(t *testing.T) {
	t.Parallel() // it waits
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	d := &desk{t: t, opening: 200 * time.Millisecond}
	at := listener.Addr().String()
	for _, tt := range []struct{ scheme, path, named, tls string }{
		{"postgres", "/x", ", database x, table revocations", ""},
		{"mysql", "/x", ", database x, table revocations", ""},
		{"redis", "/1", ", database 1, prefix boltauthgen:revocation", "is that a port for TLS? if it is, the scheme is rediss in place of redis"},
		{"rediss", "/1", ", database 1, prefix boltauthgen:revocation", "is that a port for TLS? if it is not, the scheme is redis in place of rediss"},
		{"redis+cluster", "", ", prefix boltauthgen:revocation", "if it is, the scheme is rediss"},
		{"redis+sentinel", "/1?master_name=it", ", database 1, prefix boltauthgen:revocation", "if it is, the scheme is rediss"},
	} {
		d.url = tt.scheme + "://u:hidden@" + at + tt.path
		code, stdout, stderr := d.call("revoke", "--jti", "x", "--issuer", "me")
		assert.Equal(t, []any{exitUsage, ""}, []any{code, stdout})
		lines := strings.Split(stderr, "\n    ")
		assert.Equal(t, "boltauthgen revoke: "+tt.scheme+" store of --store: it did not answer in time: "+tt.scheme+" "+at+tt.named, strings.TrimSpace(lines[0]))
		if tt.tls != "" {
			require.Len(t, lines, 3)
			assert.Contains(t, lines[1], tt.tls)
		}
		assert.Equal(t, "nothing was revoked: call it again when the store answers\n", lines[len(lines)-1])
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer other.Close()
	d.url = "postgres://u:hidden@" + at + "," + other.Addr().String() + "/x"
	start := time.Now()
	_, _, stderr := d.call("status")
	assert.GreaterOrEqual(t, time.Since(start), 2*d.opening, "the second one may answer")
	assert.Equal(t, "boltauthgen status: postgres store of --store: it did not answer in time: postgres "+at+","+other.Addr().String()+
		", database x, table revocations\n", stderr)
}

func TestStatusOfStoreThatDoesNotAnswer(t *testing.T) {
	d := newDesk(t)
	require.NoError(t, d.store.Feed.Revoke(t.Context(), revocation.Token{ID: "x"}))
	d.exec(`UPDATE revocations SET name = x'' WHERE kind = 1`)
	code, stdout, stderr := d.call("status")
	assert.Equal(t, exitProblems, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "boltauthgen status: sqlite store of --store: revocation.NewFleet: read revocations: ")
}

// fill revokes three tokens, two families and a user.
func (d *desk) fill() {
	for _, id := range []string{"1", "2", "3"} {
		require.NoError(d.t, d.store.Feed.Revoke(d.t.Context(), revocation.Token{Issuer: "me", ID: id}))
	}
	require.NoError(d.t, d.store.Feed.RevokeFamily(d.t.Context(), "me", "1", time.Now().Add(time.Hour)))
	require.NoError(d.t, d.store.Feed.RevokeFamily(d.t.Context(), "me", "2", time.Time{}))
	require.NoError(d.t, d.store.Feed.RevokeUser(d.t.Context(), "me", "1", time.Now()))
}

func TestStatus(t *testing.T) {
	d := newDesk(t)
	code, stdout, stderr := d.call("status")
	assert.Equal(t, []any{0, ""}, []any{code, stderr})
	assert.Regexp(t, `^store     sqlite, by --store\ndatabase  `+regexp.QuoteMeta(d.path)+`\ntable     revocations\n`+
		`tokens    0\nfamilies  0\nusers     0\nended     0, not deleted yet\nnewest    -\n`+
		`question  \S+s, the median of 10\nreading   \S+s for all\n$`, stdout)

	start := time.Now().Truncate(time.Microsecond)
	d.fill()
	before := d.changes()
	var s map[string]any
	code, stdout, stderr = d.call("status", "--json")
	require.Equal(t, []any{0, ""}, []any{code, stderr})
	require.NoError(t, json.Unmarshal([]byte(stdout), &s))
	assert.Equal(t, []any{"sqlite", "--store", 3.0, 2.0, 1.0, 0.0, false},
		[]any{s["store"], s["origin"], s["tokens"], s["families"], s["users"], s["ended"], s["full"]})
	assert.Equal(t, []any{[]any{}, d.path, "revocations", ""}, []any{s["hosts"], s["database"], s["table"], s["prefix"]})
	assert.NotContains(t, s, "lag_seconds")
	newest, err := time.Parse(time.RFC3339Nano, s["newest"].(string))
	require.NoError(t, err)
	assert.WithinRange(t, newest, start, time.Now())
	for _, name := range []string{"question_seconds", "read_seconds"} {
		assert.Greater(t, s[name], 0.0, name)
		assert.Less(t, s[name], 60.0, name)
	}
	assert.Equal(t, before, d.changes(), "it has written nothing")

	d.now = d.now.Add(2*time.Hour + time.Minute)
	_, stdout, _ = d.call("status")
	assert.Contains(t, stdout, "\ntokens    3\nfamilies  1\nusers     1\nended     1, not deleted yet\n")
}

func TestStatusOfMany(t *testing.T) {
	d := newDesk(t)
	d.patience = 0
	d.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
		INSERT INTO revocations SELECT randomblob(32), 1, x'6d65', CAST('a' || i AS BLOB), 9223372036854775807, NULL, i FROM n`)
	code, stdout, stderr := d.call("status")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "\ntokens    2500\n")
	assert.Equal(t, "1000 read so far\n2000 read so far\n2500 read so far\n", stderr)
}

func TestStatusWithMoreThanServersHold(t *testing.T) {
	var b bytes.Buffer
	a := &app{stdout: &b}
	require.NoError(t, a.printTable(status{Full: true}))
	assert.Contains(t, b.String(), "\nfull      there is more than a server that follows holds by default (FleetConfig.MaxEntries)\n")
	b.Reset()
	require.NoError(t, a.printJSON(status{Full: true}))
	assert.Contains(t, b.String(), "\n  \"full\": true\n")
}

// brokenPipe fails as standard output does when nobody reads it any more.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestRevokedButNotSaid(t *testing.T) {
	d := newDesk(t)
	code, _, stderr := d.callWith(brokenPipe{}, "revoke", "--jti", "x", "--issuer", "me", "--store", d.url)
	assert.Equal(t, exitProblems, code)
	assert.Contains(t, stderr, "boltauthgen revoke: it is revoked, but that could not be printed: broken pipe\n")
	assert.Len(t, d.changes(), 1)
}

func TestInterrupted(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, stdout, stderr := d.callIn(ctx, new(bytes.Buffer), "revoke", "--jti", "x", "--issuer", "me", "--store", d.url)
	assert.Equal(t, []any{exitUsage, "", "boltauthgen revoke: interrupted\n    it is not known whether that is revoked: call it again\n"}, []any{code, stdout, stderr})
	code, stdout, stderr = d.callIn(ctx, new(bytes.Buffer), "status", "--store", d.url)
	assert.Equal(t, []any{exitUsage, "", "boltauthgen status: interrupted\n"}, []any{code, stdout, stderr})
	assert.Empty(t, d.changes())
}

func TestHelp(t *testing.T) {
	d := &desk{t: t}
	for _, command := range []string{"revoke", "status"} {
		code, stdout, stderr := d.callWith(new(bytes.Buffer), command, "--help")
		assert.Equal(t, []any{0, ""}, []any{code, stderr}, command)
		_, helped, _ := d.callWith(new(bytes.Buffer), "help", command)
		assert.Equal(t, stdout, helped, command)
		golden(t, filepath.Join("testdata", "help", command+".txt"), stdout)
		for line := range strings.Lines(stdout) {
			assert.LessOrEqual(t, len(line), 121, "%s: a line that is too long: %s", command, line)
		}
	}
	code, stdout, _ := d.callWith(new(bytes.Buffer), "--version")
	assert.Equal(t, []any{0, "boltauthgen-revoke v1.2.3\n"}, []any{code, stdout})
	d.env = "postgres://u:hidden@127.0.0.1/x"
	_, stdout, _ = d.callWith(new(bytes.Buffer), "status", "--help")
	assert.NotContains(t, stdout, "hidden")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestCompletion(t *testing.T) {
	d := &desk{t: t}
	complete := func(args ...string) string {
		code, stdout, _ := d.callWith(new(bytes.Buffer), append([]string{"__complete"}, args...)...)
		assert.Zero(t, code)
		return stdout
	}
	assert.Equal(t, "revoke\tEnd tokens and API keys before their time\n:4\n", complete("rev"))
	assert.Equal(t, "sqlite:\npostgres://\nmysql://\nredis://\nredis+cluster://\nredis+sentinel://\n:6\n", complete("revoke", "--store", ""))
	assert.Equal(t, ":4\n", complete("revoke", "--jti", ""))
	assert.Equal(t, ":4\n", complete("revoke", "--key", ""))
	assert.Equal(t, ":4\n", complete("status", ""))
	assert.Contains(t, complete("revoke", "--is"), "--issuer\tthe claim ISS of the tokens, '' if they have none")
	assert.Contains(t, complete("status", "--st"), "--store\tURL of the store (default $REVOCATION)\n")
}
