package integration

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// onServers runs a test with a database on each kind of server that has the tables of
// refresh tokens, sessions and keys, under their usual names.
func onServers(t *testing.T, test func(t *testing.T, where source, db *sql.DB)) {
	t.Helper()
	for name, get := range map[string]func() (*database, error){"PostgreSQL": postgres, "MariaDB": mariadb} {
		t.Run(name, func(t *testing.T) {
			d := shared(t, get)
			where := source{d.driver, d.dsn(d.port, d.newDatabase(t))}
			db := openSource(t, where.driver, where.name)
			createTables(t, d.driver, db, "")
			test(t, where, db)
		})
	}
}

// createTables creates the tables under a name, or their usual ones if it is empty.
func createTables(t testing.TB, driver string, db *sql.DB, table string) {
	t.Helper()
	schemas := []func(string) (string, error){refresh.PostgreSQLSchema, session.PostgreSQLSchema, apikey.PostgreSQLSchema}
	if driver == "mysql" {
		schemas = []func(string) (string, error){refresh.MySQLSchema, session.MySQLSchema, apikey.MySQLSchema}
	}
	for i, schema := range schemas {
		name := table
		if name != "" {
			name += []string{"r", "s", "k"}[i]
		}
		text, err := schema(name)
		require.NoError(t, err)
		run(t, db, text)
	}
}

// levels are settings that are not the usual ones, and change nothing.
func levels(driver string) []string {
	if driver == "mysql" {
		return []string{"?tx_isolation=%27SERIALIZABLE%27", "?tx_isolation=%27READ-COMMITTED%27", "?clientFoundRows=true", "?sql_mode=%27%27"}
	}
	return []string{"?default_transaction_isolation=serializable", "?default_transaction_isolation=repeatable%20read"}
}

func TestRefreshOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		refreshtest.Run(t, func(t *testing.T) refresh.Store { return newStore(t, db, "") })
	})
}

// A name may be a word of SQL, and as long as the schema lets it be.
func TestTablesOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, where source, db *sql.DB) {
		for _, schema := range []func(string) (string, error){refresh.PostgreSQLSchema, session.PostgreSQLSchema, apikey.PostgreSQLSchema} {
			_, err := schema(strings.Repeat("a", 58))
			require.ErrorContains(t, err, "too long")
		}
		for _, name := range []string{strings.Repeat("a", 54), "orde"} { // order, in the end
			createTables(t, where.driver, db, name)
			start(t, newStore(t, db, name+"r"), "f", "token 0")
			require.NoError(t, newSessionStore(t, db, name+"s").Create(t.Context(), sessionRecord("a", noon)))
			addKey(t, newKeyStore(t, db, name+"k"))
		}
		require.Zero(t, count(t, db), "the table with the default name")
		for _, table := range []string{"another", "a b"} {
			_, err := refresh.NewSQL(t.Context(), refresh.SQLConfig{DB: db, Table: table})
			require.Error(t, err)
			_, err = session.NewSQL(t.Context(), session.SQLConfig{DB: db, Table: table})
			require.Error(t, err)
			_, err = apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: db, Table: table})
			require.Error(t, err)
		}
	})
}

// One token that is presented twenty times at once over two handles has one successor,
// whatever is set.
func TestOneSuccessorAtOtherLevels(t *testing.T) {
	onServers(t, func(t *testing.T, where source, _ *sql.DB) {
		for _, level := range levels(where.driver) {
			t.Run(level, func(t *testing.T) {
				one := newStore(t, openSource(t, where.driver, where.name+level), "")
				other := newStore(t, openSource(t, where.driver, where.name+level), "")
				for i, grace := range []time.Duration{grace, 0} {
					order := round{Family: fmt.Sprint(level, i), Token: newToken(), Grace: grace, At: time.Now().Add(20 * time.Millisecond)}
					start(t, one, order.Family, order.Token)
					reports := inAllHandles([]*refresh.SQL{one, other}, order)
					winner := winnerOf(t, reports)
					if grace > 0 {
						checkOneSuccessor(t, other, order, reports, winner)
					} else {
						checkDead(t, other, order, reports, winner)
					}
				}
			})
		}
	})
}

func inAllHandles(stores []*refresh.SQL, order round) []report {
	reports := make([][]report, len(stores))
	var group sync.WaitGroup
	for i, store := range stores {
		group.Go(func() { reports[i] = order.work(store) })
	}
	group.Wait()
	return slices.Concat(reports...)
}

// One token, presented fifty times at once by five processes, has one successor.
func TestProcessesShareAServer(t *testing.T) { // HOSTILE 69
	onServers(t, func(t *testing.T, where source, db *sql.DB) { testProcesses(t, where, newStore(t, db, ""), 8) })
}

// Every statement finds its rows by an index, even where it is not known yet what it will
// be executed with.
func TestStatementsUseIndexesOfPostgreSQL(t *testing.T) {
	d := shared(t, postgres)
	db := d.open(t, d.newDatabase(t))
	db.SetMaxOpenConns(1) // statements are prepared on a connection
	createTables(t, d.driver, db, "")
	newStore(t, db, "")
	newSessionStore(t, db, "")
	newKeyStore(t, db, "")
	_, err := db.ExecContext(t.Context(), `SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan`)
	require.NoError(t, err)
	statements := make(map[string]string)
	rows, err := db.QueryContext(t.Context(), `SELECT format('EXECUTE %I(%s)', name, left(repeat('NULL, ', cardinality(parameter_types)), -2)), statement
		FROM pg_prepared_statements WHERE (statement LIKE '%WHERE%' OR statement LIKE '%JOIN%') AND statement NOT LIKE '%pg_prepared_statements%'`)
	require.NoError(t, err)
	for rows.Next() {
		var execute, text string
		require.NoError(t, rows.Scan(&execute, &text))
		statements[execute] = text
	}
	require.NoError(t, rows.Err())
	require.Len(t, statements, 5+7+5, "all but the INSERTs, and the list of all keys")
	for execute, text := range statements {
		rows, err := db.QueryContext(t.Context(), "EXPLAIN "+execute)
		require.NoError(t, err, text)
		var plan []string
		for rows.Next() {
			var line string
			require.NoError(t, rows.Scan(&line))
			plan = append(plan, line)
		}
		require.NoError(t, rows.Err())
		all := strings.Join(plan, "\n")
		assert.NotContains(t, all, "Seq Scan", text)
		assert.Contains(t, all, "Cond: ", text)
	}
}

// Names are bytes, and none of them is read as the notation of another.
func TestRefreshNamesOnServers(t *testing.T) {
	names := []string{"a", "A", "a ", "a\x00", "\x00a", "\xff", "\xfe", "\xc3", `\x61`, `\141`, `\\`, `\`, "é", "e\u0301", "E\x301"}
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		store := newStore(t, db, "")
		for _, name := range names {
			require.NoError(t, store.Start(t.Context(), refresh.Family{
				Issuer: name, ID: name, UserID: name, Started: noon, Expires: noon.Add(time.Hour), Current: digest("token 0"),
			}), "%q", name)
		}
		for i, name := range names {
			r := rotation(name, "token 0", "token 1", grace)
			r.Issuer = name
			require.Equal(t, refresh.Rotated, rotate(t, store, r).Outcome, "%q", name)
			require.NoError(t, store.EndUser(t.Context(), name, name, noon), "%q", name)
			require.Equal(t, refresh.Unknown, rotate(t, store, r).Outcome, "%q", name)
			require.Equal(t, len(names)-i-1, count(t, db), "%q", name)
		}
	})
}

// What is too long for a table is refused, even by a MySQL that would cut it, and take it
// for another one.
func TestTooLongForServers(t *testing.T) {
	long := func(n int) string { return strings.Repeat("0123456789abcdef", n/16+1)[:n] }
	limits := map[string]int{"mysql": 255, "pgx": 100_000}
	onServers(t, func(t *testing.T, where source, db *sql.DB) {
		lax := db
		if where.driver == "mysql" {
			lax = openSource(t, where.driver, where.name+"?sql_mode=%27%27")
		}
		families, sessions := newStore(t, lax, ""), newSessionStore(t, lax, "")
		for i, change := range []func(*refresh.Family, string){
			func(f *refresh.Family, text string) { f.Issuer = text },
			func(f *refresh.Family, text string) { f.ID = text },
			func(f *refresh.Family, text string) { f.UserID = text },
		} {
			f := refresh.Family{ID: fmt.Sprint(i), UserID: "7", Started: noon, Expires: noon.Add(time.Hour), Current: digest("token 0")}
			change(&f, newToken()+long(255)[len(newToken()):])
			require.NoError(t, families.Start(t.Context(), f))
			before := count(t, db)
			f.ID += "x"
			change(&f, randomText(limits[where.driver]+1))
			require.Error(t, families.Start(t.Context(), f))
			require.Equal(t, before, count(t, db))
		}
		r := sessionRecord("a", noon)
		r.UserID, r.UserAgent, r.Address = long(255), long(256), long(256)
		require.NoError(t, sessions.Create(t.Context(), r))
		got, err := sessions.Load(t.Context(), r.ID)
		require.NoError(t, err)
		require.Equal(t, []string{r.UserID, r.UserAgent, r.Address}, []string{got.UserID, got.UserAgent, got.Address})
		r = sessionRecord("b", noon)
		r.UserID = randomText(limits[where.driver] + 1)
		require.Error(t, sessions.Create(t.Context(), r))
		_, err = sessions.Load(t.Context(), r.ID)
		require.ErrorIs(t, err, session.ErrNotFound)
	})
}

// randomText returns a text that cannot be compressed to much less.
func randomText(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(newToken())
	}
	return b.String()[:n]
}

// A caller that waits for a row waits no longer than its context.
func TestServersAreWaitedForNoLongerThanTheContext(t *testing.T) {
	onServers(t, func(t *testing.T, where source, db *sql.DB) {
		families, sessions, keys := newStore(t, db, ""), newSessionStore(t, db, ""), newKeyStore(t, db, "")
		start(t, families, "f", "token 0")
		r := sessionRecord("a", noon)
		require.NoError(t, sessions.Create(t.Context(), r))
		g := addKey(t, keys)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer tx.Rollback()
		for _, statement := range []string{
			`UPDATE refresh_families SET started_at = 1`, `UPDATE sessions SET created_at = 1`, `UPDATE api_keys SET created_at = 1`,
		} {
			_, err := tx.ExecContext(t.Context(), statement)
			require.NoError(t, err)
		}
		for name, call := range map[string]func(context.Context) error{
			"rotate": func(ctx context.Context) error {
				_, err := families.Rotate(ctx, rotation("f", "token 0", "token 1", grace))
				return err
			},
			"update": func(ctx context.Context) error { return sessions.Update(ctx, r, noon) },
			"touch": func(ctx context.Context) error {
				return sessions.Touch(ctx, r.ID, noon.Add(time.Second), noon.Add(time.Hour))
			},
			"revoke": func(ctx context.Context) error { return keys.Revoke(ctx, g.ID, noon) },
			"uses": func(ctx context.Context) error {
				return keys.SaveUses(ctx, []apikey.Use{{ID: g.ID, SHA256: g.SHA256, At: noon}})
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			asked := time.Now()
			require.Error(t, call(ctx), name)
			assert.Less(t, time.Since(asked), 5*time.Second, name)
		}
		// MySQL goes on with what nobody waits for any more.
		require.NoError(t, tx.Rollback())
		outcome := rotate(t, families, rotation("f", "token 0", "token 1", grace)).Outcome
		require.Contains(t, []refresh.Outcome{refresh.Rotated, refresh.Repeated}, outcome)
	})
}

// Logins delete what is over while others log in, refresh and log out everywhere, and
// nobody gets an error for that.
func TestLoginsDeleteWhatIsOverOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		families, sessions := newStore(t, db, ""), newSessionStore(t, db, "")
		family := func(id string, started time.Time) refresh.Family {
			return refresh.Family{ID: id, UserID: "7", Started: started, Expires: started.Add(time.Hour), Current: digest(id)}
		}
		for i := range 300 {
			require.NoError(t, families.Start(t.Context(), family(fmt.Sprint("over ", i), noon)))
			require.NoError(t, sessions.Create(t.Context(), sessionRecord(fmt.Sprint("over ", i), noon)))
		}
		later := noon.Add(48 * time.Hour)
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				name := fmt.Sprint("new ", i)
				assert.NoError(t, families.Start(t.Context(), family(name, later)))
				assert.NoError(t, sessions.Create(t.Context(), sessionRecord(name, later)))
				if i%4 == 0 {
					assert.NoError(t, families.EndUser(t.Context(), "", "7", noon))
					assert.NoError(t, sessions.EndUser(t.Context(), "7 not", session.Digest{}))
				}
				r := refresh.Rotation{Family: name, Old: digest(name), New: digest("next"), Now: later, Expires: later.Add(time.Hour)}
				result, err := families.Rotate(t.Context(), r)
				assert.NoError(t, err)
				assert.Equal(t, refresh.Rotated, result.Outcome)
			})
		}
		group.Wait()
		assert.Equal(t, 20, count(t, db))
		records, err := sessions.List(t.Context(), "7")
		require.NoError(t, err)
		assert.Len(t, records, 20)
	})
}
