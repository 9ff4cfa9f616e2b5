package integration

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

// revocationSchema returns the schema for a place.
func (p place) revocationSchema(t testing.TB, table string) string {
	t.Helper()
	schema := revocation.SQLiteSchema
	switch p.name {
	case "PostgreSQL":
		schema = revocation.PostgreSQLSchema
	case "MariaDB":
		schema = revocation.MySQLSchema
	}
	text, err := schema(table)
	require.NoError(t, err)
	return text
}

// newRevocations returns a store with more time than usual: SQLite does not hand
// out its lock in turn, so that with many writers one of them may wait for long.
func newRevocations(t testing.TB, db *sql.DB, table string) *revocation.SQL {
	t.Helper()
	store, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: db, Table: table, Timeout: 20 * time.Second})
	require.NoError(t, err)
	return store
}

func TestRevocations(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			open := p.create(t)
			one, other := open(), open()
			table := strings.Repeat("a", 54)
			run(t, one, p.revocationSchema(t, ""))
			run(t, one, p.revocationSchema(t, "order"))
			run(t, one, p.revocationSchema(t, table))
			t.Run("two handles", func(t *testing.T) {
				revocationtest.Run(t, func(t *testing.T) (revocation.Store, revocation.Store) {
					return newRevocations(t, one, table), newRevocations(t, other, table)
				})
			})
			t.Run("one handle, in a table whose name is a word of SQL", func(t *testing.T) {
				revocationtest.Run(t, func(t *testing.T) (revocation.Store, revocation.Store) {
					store := newRevocations(t, one, "order")
					return store, store
				})
			})
			changes, next, err := newRevocations(t, one, "").Changes(t.Context(), 0, 1)
			require.NoError(t, err)
			assert.Empty(t, changes, "the table with the default name")
			assert.Zero(t, next)
		})
	}
}

// Levels of isolation that are not the usual ones change nothing.
func TestRevocationsAtOtherLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		place, level string
		get          func() (*database, error)
	}{
		{"PostgreSQL", "?default_transaction_isolation=serializable", postgres},
		{"PostgreSQL", "?default_transaction_isolation=repeatable%20read", postgres},
		{"MariaDB", "?tx_isolation=%27SERIALIZABLE%27", mariadb},
		{"MariaDB", "?tx_isolation=%27READ-COMMITTED%27", mariadb},
	} {
		t.Run(c.place+c.level, func(t *testing.T) {
			t.Parallel()
			d := shared(t, c.get)
			db := openSource(t, d.driver, d.dsn(d.port, d.newRevocationDatabase(t))+c.level)
			revocationtest.Run(t, func(t *testing.T) (revocation.Store, revocation.Store) {
				return newRevocations(t, db, ""), newRevocations(t, db, "")
			})
		})
	}
}
