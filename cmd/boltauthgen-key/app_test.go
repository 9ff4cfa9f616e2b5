package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/cli"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

var update = flag.Bool("update", false, "rewrite the wanted help texts under testdata")

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// A desk is where a test calls the command: a folder with a database, and a clock.
type desk struct {
	t   *testing.T
	db  string // the flag
	now time.Time
}

// newDesk returns one whose database has the table.
func newDesk(t *testing.T) *desk {
	d := &desk{t: t, db: "sqlite:" + filepath.Join(t.TempDir(), "a b?c%#.db"), now: noon}
	d.ok("init")
	return d
}

// call runs a command line on the database.
func (d *desk) call(args ...string) (code int, stdout, stderr string) {
	d.t.Helper()
	return d.callWith(new(bytes.Buffer), append(args, "--db", d.db)...)
}

func (d *desk) callWith(stdout io.Writer, args ...string) (code int, out, stderr string) {
	var e bytes.Buffer
	a := &app{stdout: stdout, stderr: &e, version: "v1.2.3", now: func() time.Time { return d.now }}
	code = a.run(d.t.Context(), args)
	if b, ok := stdout.(*bytes.Buffer); ok {
		out = b.String()
	}
	return code, out, e.String()
}

// ok runs a command line that must succeed, and returns what it printed to standard output.
func (d *desk) ok(args ...string) string {
	d.t.Helper()
	code, stdout, stderr := d.call(args...)
	require.Equal(d.t, exitFine, code, stderr)
	return stdout
}

// make makes a key and returns its text and its id.
func (d *desk) make(args ...string) (text, id string) {
	d.t.Helper()
	text = strings.TrimSuffix(d.ok(append([]string{"new", "--name", "n"}, args...)...), "\n")
	_, id, err := apikey.Parse(text)
	require.NoError(d.t, err)
	return text, id
}

// items returns the list.
func (d *desk) items(args ...string) (items []item) {
	d.t.Helper()
	require.NoError(d.t, json.Unmarshal([]byte(d.ok(append([]string{"list", "--json"}, args...)...)), &items))
	return items
}

// opened returns the database.
func (d *desk) opened() *sql.DB {
	d.t.Helper()
	db, err := options{db: d.db}.open(false)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { assert.NoError(d.t, db.Close()) })
	return db
}

func TestNew(t *testing.T) {
	d := newDesk(t)
	code, stdout, stderr := d.call("new", "--name", "nightly export", "--owner", "7", "--permission", "a.b", "--permission", "c,d",
		"--scope", "read", "--scope", "write", "--prefix", "acme", "--expires", "30d", "--not-before", "2027-01-01")
	assert.Equal(t, exitUsage, code, "it would end before it begins")
	assert.Contains(t, stderr, "Expires: not after NotBefore")
	assert.Empty(t, stdout)
	assert.Empty(t, d.items())

	code, stdout, stderr = d.call("new", "--name", "nightly export", "--owner", "7", "--permission", "a.b", "--permission", "c,d",
		"--scope", "read", "--scope", "write", "--prefix", "acme", "--not-before", "2h")
	require.Equal(t, exitFine, code, stderr)
	assert.Regexp(t, `^acme_\w{16}_\w{36}\n$`, stdout, "the key and nothing else")
	_, id, err := apikey.Parse(strings.TrimSpace(stdout))
	require.NoError(t, err)
	assert.Equal(t, "key "+id+", expires: 2027-02-24 12:00 UTC\nit is shown this once: the database has its digest only\n", stderr)

	store, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: d.opened()})
	require.NoError(t, err)
	r, err := store.Lookup(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, apikey.DigestOf(strings.TrimSpace(stdout)), r.SHA256)
	assert.Equal(t, []string{"a.b", "c,d"}, r.Permissions)
	assert.Equal(t, []string{"read", "write"}, r.Scopes)
	assert.Equal(t, []string{"acme", "nightly export", "7"}, []string{r.Prefix, r.Name, r.Owner})
	assert.Equal(t, []string{"2026-11-26 12:00 UTC", "2026-11-26 14:00 UTC", "2027-02-24 12:00 UTC"}, []string{cli.Shown(r.Created), cli.Shown(r.NotBefore), cli.Shown(r.Expires)})
}

func TestRefusedCalls(t *testing.T) {
	d := newDesk(t)
	text, id := d.make()
	secret := text[len(text)-36:]
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "no.db"), []byte("this is no database, and it is long enough to be read as one"), 0o600))
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, 2, "which command? see boltauthgen key --help"},
		{[]string{"nwe"}, 2, "there is no command nwe (did you mean new?)"},
		{[]string{"something"}, 2, "there is no command something; see boltauthgen key --help"},
		{[]string{"help", "nothing"}, 2, "there is no command nothing"},
		{[]string{"list", "--jsno"}, 2, "unknown flag: --jsno (did you mean --json?)"},
		{[]string{"list", "x"}, 2, "unknown command \"x\""},
		{[]string{"list"}, 2, "--db is missing\n    say which database, as in --db sqlite:app.db"},
		{[]string{"list", "--db", "app.db"}, 2, "--db app.db: what kind of database?\n    write --db sqlite:app.db"},
		{[]string{"list", "--db", "postgres://u:hidden@h/x"}, 2, "--db: there is no driver for \"postgres\" here\n"},
		{[]string{"list", "--db", "sqlite:"}, 2, "--db: the path is missing"},
		{[]string{"list", "--db", "sqlite:/no/such.db"}, 2, "there is no file /no/such.db\n    make it, and the table, with: boltauthgen key init --db sqlite:/no/such.db"},
		{[]string{"list", "--db", "sqlite:" + other}, 2, "there is no file " + other},
		{[]string{"list", "--db", "sqlite:" + other + "/no.db"}, 2, "no.db: apikey.NewSQL: "},
		{[]string{"list", "--db", d.db, "--table", "x"}, 2, "there is no table of keys in " + d.db + "\n    make it with: boltauthgen key init --db " + d.db + " --table x"},
		{[]string{"list", "--db", d.db, "--table", `x"; DROP`}, 2, "the table's name is not one of"},
		{[]string{"init", "--db", d.db, "--table", "x y"}, 2, "--table: the table's name is not one of"},
		{[]string{"init", "--db", "sqlite:/no/such/folder/app.db"}, 2, "make table: "},
		{[]string{"new", "--db", d.db}, 2, "--name and --owner are missing\n    say what the key is for"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--prefix", "Acme"}, 2, "--prefix Acme: generate key: the prefix is not 2 to 12 of a-z and 0-9"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--expires", "soon"}, 2, "--expires soon: neither a time span, as 90d or 12h, nor a day, as 2027-01-31, nor an instant, as 2027-01-31T12:00:00Z, nor the word never"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--expires", "2026-11-26"}, 2, "--expires 2026-11-26: that is not in the future"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--expires", "0d"}, 2, "--expires 0d: that is not in the future"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--not-before", "x"}, 2, "--not-before x: neither"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--permission", ""}, 2, "Permissions[0]: empty"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--scope", "a b"}, 2, "Scopes[0]: "},
		{[]string{"new", "--db", d.db, "--name", "a\nb"}, 2, "Name: not one line"},
		{[]string{"new", "--db", d.db, "--owner", "7", "x"}, 2, "unknown command \"x\""},
		{[]string{"revoke", "--db", d.db}, 2, "the key's id is missing\n    ids are in the list"},
		{[]string{"revoke", "--db", d.db, "0123456789abcdef"}, 1, "there is no key 0123456789abcdef"},
		{[]string{"revoke", "--db", d.db, text}, 2, "that is a whole key, which is now in the shell's history\n    its id is " + id},
		{[]string{"revoke", "--db", d.db, text[:len(text)-1]}, 2, "an argument is not the id of a key"},
		{[]string{"revoke", "--db", d.db, secret}, 2, "an argument is not the id of a key"},
		{[]string{"rotate", "--db", d.db}, 2, "the key's id is missing"},
		{[]string{"rotate", "--db", d.db, id, id}, 2, "one id at a time, not 2"},
		{[]string{"rotate", "--db", d.db, text}, 2, "its id is " + id},
		{[]string{"rotate", "--db", d.db, id, "--overlap", "-1h"}, 2, "--overlap -1h: not a time span"},
		{[]string{"rotate", "--db", d.db, id, "--overlap", "99999d"}, 2, "--overlap 99999d: too far: 36500d are the most"},
		{[]string{"new", "--db", d.db, "--owner", "7", "--not-before", "99999999d"}, 2, "--not-before 99999999d: too far"},
		{[]string{"rotate", "--db", d.db, id, "--expires", "x"}, 2, "--expires x: neither"},
		{[]string{"rotate", "--db", d.db, "0123456789abcdef"}, 1, "there is no key 0123456789abcdef"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(tt.args, " "), d.db, "DB"), func(t *testing.T) {
			code, stdout, stderr := d.callWith(new(bytes.Buffer), tt.args...)
			assert.Equal(t, tt.code, code)
			assert.True(t, strings.HasPrefix(stderr, "boltauthgen key: "), stderr)
			assert.Contains(t, stderr, tt.want)
			assert.NotContains(t, stderr, secret[:20], "HOSTILE 83: a key in an error")
			assert.NotContains(t, stderr, "hidden")
			assert.Empty(t, stdout)
		})
	}
	assert.Len(t, d.items(), 1, "nothing has been made")
	assert.Equal(t, "live", d.items()[0].State)
	assert.NoFileExists(t, "/no/such.db")
}

func TestList(t *testing.T) {
	d := newDesk(t)
	code, stdout, stderr := d.call("list")
	assert.Equal(t, []any{0, "", "there are no keys\n"}, []any{code, stdout, stderr})
	assert.Equal(t, "[]\n", d.ok("list", "--json"))

	text, live := d.make("--permission", "a", "--permission", "b", "--scope", "read", "--owner", "7")
	_, never := d.make("--expires", "never", "--owner", "\u202ex")
	_, early := d.make("--not-before", "1h")
	_, expired := d.make("--expires", "1m")
	_, revoked := d.make()
	d.ok("revoke", revoked)
	d.now = noon.Add(time.Minute)
	states := map[string]string{}
	for _, i := range d.items() {
		states[i.ID] = i.State
	}
	assert.Equal(t, map[string]string{live: "live", never: "live", early: "early", expired: "expired", revoked: "revoked"}, states)
	require.Len(t, d.items("--owner", "7"), 1)
	assert.Equal(t, live, d.items("--owner", "7")[0].ID)

	table := d.ok("list")
	assert.Regexp(t, `^ID +STATE +EXPIRES +USED +OLD TEXT +OWNER +NAME +PERMISSIONS +SCOPES\n`, table)
	assert.Regexp(t, `\n`+live+` +live +2027-02-24 12:00 +- +- +7 +n +a,b +read\n`, table)
	assert.Regexp(t, `\n`+never+` +live +never +- +- +\\u202ex +n +- +-\n`, table, "nothing that changes what stands beside it")
	for _, output := range []string{table, d.ok("list", "--json")} {
		assert.NotContains(t, output, text[len(text)-36:], "HOSTILE 83")
		assert.NotContains(t, output, apikey.DigestOf(text).String())
	}
}

func TestRotateAndRevoke(t *testing.T) {
	d := newDesk(t)
	first, id := d.make("--prefix", "acme", "--permission", "a", "--expires", "10d")
	store, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: d.opened()})
	require.NoError(t, err)
	backend, err := apikey.New(apikey.Config{Lookup: store.Lookup, SaveUses: store.SaveUses, Now: func() time.Time { return d.now }})
	require.NoError(t, err)
	holds := func(keys ...string) (held []bool) {
		for _, key := range keys {
			_, err := backend.Authenticate(requestWith(key))
			held = append(held, err == nil)
		}
		require.NoError(t, backend.Flush(t.Context()))
		return held
	}
	assert.Equal(t, []bool{true}, holds(first))

	code, second, stderr := d.call("rotate", id, "--overlap", "1h", "--expires", "90d")
	require.Equal(t, exitFine, code, stderr)
	assert.Equal(t, "key "+id+", expires: 2027-02-24 12:00 UTC; the old text holds until: 2026-11-26 13:00 UTC\n"+
		"it is shown this once: the database has its digest only\n", stderr)
	assert.Regexp(t, `^acme_`+id+`_\w{36}\n$`, second)
	second = strings.TrimSpace(second)
	d.now = noon.Add(time.Hour - 1)
	assert.Equal(t, []bool{true, true}, holds(first, second))
	assert.Contains(t, d.ok("list"), "until 2026-11-26 13:00, used 2026-11-26 12:59")
	d.now = noon.Add(time.Hour)
	assert.Equal(t, []bool{false, true}, holds(first, second))
	assert.NotContains(t, d.ok("list"), "until", "the old text is over")

	third := strings.TrimSpace(d.ok("rotate", id, "--overlap", "0s"))
	assert.Equal(t, []bool{false, false, true}, holds(first, second, third))

	code, stdout, stderr := d.call("revoke", "0123456789abcdef", id)
	assert.Equal(t, exitProblems, code)
	assert.Equal(t, "key "+id+" is revoked\nboltauthgen key: there is no key 0123456789abcdef\n", stderr, "the others are revoked all the same")
	assert.Empty(t, stdout)
	assert.Equal(t, []bool{false, false, false}, holds(first, second, third))
	d.now = noon.Add(48 * time.Hour)
	code, _, stderr = d.call("revoke", id)
	assert.Equal(t, exitFine, code)
	assert.Equal(t, "key "+id+" has been revoked since 2026-11-26 13:00 UTC\n", stderr)
	code, stdout, stderr = d.call("rotate", id)
	assert.Equal(t, exitProblems, code)
	assert.Equal(t, "boltauthgen key: key "+id+" is revoked\n    make a new one\n", stderr)
	assert.Empty(t, stdout, "no key that nobody accepts")
}

func TestRotateNearAndAfterTheEnd(t *testing.T) {
	d := newDesk(t)
	_, id := d.make("--expires", "2h")
	_, _, stderr := d.call("rotate", id)
	assert.Contains(t, stderr, "expires: 2026-11-26 14:00 UTC; the old text holds until: 2026-11-26 14:00 UTC", "no longer than the key")
	d.now = noon.Add(2 * time.Hour)
	code, stdout, stderr := d.call("rotate", id)
	assert.Equal(t, exitProblems, code)
	assert.Equal(t, "boltauthgen key: key "+id+" has ended on 2026-11-26 14:00 UTC\n    say when it is to end now, as in --expires 90d\n", stderr)
	assert.Empty(t, stdout)
	d.ok("rotate", id, "--expires", "never")
	assert.Equal(t, "live", d.items()[0].State)
	assert.Nil(t, d.items()[0].Expires)
}

func TestInit(t *testing.T) {
	d := newDesk(t)
	text, id := d.make()
	d.ok("init")
	assert.Equal(t, id, d.items()[0].ID, "what is there stays")
	d.ok("init", "--table", "order")
	d.ok("new", "--table", "order", "--name", "n")
	assert.Len(t, d.items("--table", "order"), 1)
	assert.Len(t, d.items(), 1)

	code, schema, stderr := d.callWith(new(bytes.Buffer), "init", "--print", "--table", "mine")
	assert.Equal(t, []any{0, ""}, []any{code, stderr}, "it needs no database")
	_, err := d.opened().ExecContext(t.Context(), schema)
	require.NoError(t, err)
	assert.Empty(t, d.items("--table", "mine"))

	_, err = d.opened().ExecContext(t.Context(), `CREATE TABLE users (id INTEGER)`)
	require.NoError(t, err)
	for _, command := range []string{"list", "init"} {
		code, _, stderr = d.call(command, "--table", "users")
		assert.Equal(t, exitUsage, code, command)
		assert.NotContains(t, stderr, text)
	}
}

// brokenPipe fails as standard output does when nobody reads it any more.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestKeyThatNobodyHasSeen(t *testing.T) {
	d := newDesk(t)
	code, _, stderr := d.callWith(brokenPipe{}, "new", "--name", "n", "--db", d.db)
	assert.Equal(t, exitProblems, code)
	id := d.items()[0].ID
	assert.Equal(t, "boltauthgen key: print key: broken pipe\n    key "+id+" is in the database, and nobody has seen it: rotate or revoke it\n", stderr)
}

// A database that was opened and does not do it is a problem; one that cannot be opened is none that the call could be
// about.
func TestDatabaseThatDoesNotDoIt(t *testing.T) {
	d := newDesk(t)
	_, id := d.make()
	for _, act := range []string{"INSERT", "UPDATE"} {
		_, err := d.opened().ExecContext(t.Context(), `CREATE TRIGGER no`+act+` BEFORE `+act+` ON api_keys BEGIN SELECT RAISE(ABORT, 'no room'); END`)
		require.NoError(t, err)
	}
	for _, args := range [][]string{{"new", "--name", "n"}, {"rotate", id}, {"revoke", id}} {
		code, stdout, stderr := d.call(args...)
		assert.Equal(t, []any{exitProblems, ""}, []any{code, stdout}, args)
		assert.Contains(t, stderr, "no room")
	}
	_, err := d.opened().ExecContext(t.Context(), `DROP TRIGGER noUPDATE; UPDATE api_keys SET permissions = 'x'`)
	require.NoError(t, err)
	code, stdout, _ := d.call("list")
	assert.Equal(t, []any{exitProblems, ""}, []any{code, stdout})
}

func TestInterrupted(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	a := &app{stdout: &stdout, stderr: &stderr, now: time.Now}
	assert.Equal(t, exitUsage, a.run(ctx, []string{"new", "--name", "n", "--db", d.db}))
	assert.Equal(t, "boltauthgen key: interrupted\n", stderr.String())
	assert.Empty(t, stdout.String())
	assert.Empty(t, d.items())
}

func TestHelp(t *testing.T) {
	d := &desk{t: t}
	for _, command := range []string{"", "init", "new", "list", "rotate", "revoke"} {
		code, stdout, stderr := d.callWith(new(bytes.Buffer), append(strings.Fields(command), "--help")...)
		assert.Equal(t, []any{0, ""}, []any{code, stderr}, command)
		_, helped, _ := d.callWith(new(bytes.Buffer), append([]string{"help"}, strings.Fields(command)...)...)
		assert.Equal(t, stdout, helped, command)
		golden(t, filepath.Join("testdata", "help", strings.TrimSpace("key "+command)+".txt"), stdout)
		for line := range strings.Lines(stdout) {
			assert.LessOrEqual(t, len(line), 121, "%s: a line that is too long: %s", command, line)
		}
	}
	code, stdout, _ := d.callWith(new(bytes.Buffer), "--version")
	assert.Equal(t, []any{0, "boltauthgen-key v1.2.3\n"}, []any{code, stdout})
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
	d := newDesk(t)
	_, live := d.make("--owner", "7")
	_, revoked := d.make()
	d.ok("revoke", revoked)
	complete := func(args ...string) string {
		code, stdout, _ := d.callWith(new(bytes.Buffer), append([]string{"__complete"}, args...)...)
		assert.Zero(t, code)
		return stdout
	}
	assert.Equal(t, "revoke\tEnd keys for good\n:4\n", complete("rev"))
	assert.Equal(t, live+"\t7 n\n:4\n", complete("revoke", "--db", d.db, ""))
	assert.Equal(t, live+"\t7 n\n:4\n", complete("rotate", "--db", d.db, live[:3]))
	assert.Equal(t, ":4\n", complete("rotate", "--db", d.db, live, ""), "one is enough")
	assert.Equal(t, live+"\t7 n\n:4\n", complete("revoke", "--db", d.db, live, ""))
	assert.Equal(t, ":4\n", complete("revoke", ""), "no database")
	assert.Equal(t, ":4\n", complete("revoke", "--db", "sqlite:/no/such.db", ""))
	assert.Equal(t, "sqlite:\n:6\n", complete("list", "--db", ""))
	assert.Equal(t, "--db\tthe SQLite file, as sqlite:PATH; required\n:4\n", complete("list", "--db"))
	assert.Equal(t, ":4\n", complete("new", "--permission", ""))
	assert.Equal(t, ":4\n", complete("new", ""))
}
