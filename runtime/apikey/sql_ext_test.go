package apikey_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

func TestSQLThatWasNotMade(t *testing.T) { // HOSTILE 124
	for name, s := range map[string]*apikey.SQL{"zero": {}, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Lookup(t.Context(), "x")
			assert.Error(t, err)
			assert.NotErrorIs(t, err, apikey.ErrUnknown)
			assert.Error(t, s.Add(t.Context(), apikey.Record{}))
			assert.Error(t, s.Revoke(t.Context(), "x", noon))
			assert.Error(t, s.Rotate(t.Context(), apikey.Rotation{}))
			assert.Error(t, s.SaveUses(t.Context(), nil))
			n := 0
			for _, err := range s.List(t.Context(), "") {
				assert.Error(t, err)
				n++
			}
			assert.Equal(t, 1, n)
		})
	}
}

func TestNewSQLRefuses(t *testing.T) {
	_, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{})
	assert.ErrorContains(t, err, "apikey.NewSQL: the DB is nil")
	for _, table := range []string{"a-b", `a"b`, "1a", "a b", "ä", "a.b", string(make([]byte, 64))} {
		_, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: new(sql.DB), Table: table})
		assert.ErrorContains(t, err, "the table's name", "%q", table)
		for _, schema := range []func(string) (string, error){apikey.SQLiteSchema, apikey.PostgreSQLSchema, apikey.MySQLSchema} {
			_, err = schema(table)
			assert.Error(t, err, "%q", table)
		}
	}
	for length, fits := range map[int]bool{57: true, 58: false} {
		_, err := apikey.PostgreSQLSchema(strings.Repeat("a", length))
		assert.Equal(t, fits, err == nil, length)
	}
	schema, err := apikey.SQLiteSchema("")
	assert.NoError(t, err)
	assert.Contains(t, schema, `CREATE TABLE IF NOT EXISTS "api_keys" (`)
	schema, err = apikey.PostgreSQLSchema("order")
	assert.NoError(t, err)
	assert.Contains(t, schema, `CREATE TABLE IF NOT EXISTS "order" (`)
	schema, err = apikey.MySQLSchema("order")
	assert.NoError(t, err)
	assert.Contains(t, schema, "CREATE TABLE IF NOT EXISTS `order` (")
}
