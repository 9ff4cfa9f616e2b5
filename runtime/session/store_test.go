package session

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStoresThatWereNotMade(t *testing.T) {
	r := sessionOf("alice", "a", noon)
	for name, s := range map[string]Store{
		"zero Memory": &Memory{}, "nil Memory": (*Memory)(nil), "zero SQL": &SQL{}, "nil SQL": (*SQL)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			assert.ErrorIs(t, s.Create(ctx, r), errNotMade)
			got, err := s.Load(ctx, r.ID)
			assert.ErrorIs(t, err, errNotMade)
			assert.Zero(t, got)
			assert.ErrorIs(t, s.Touch(ctx, r.ID, noon, r.Expires), errNotMade)
			assert.ErrorIs(t, s.Update(ctx, r, noon), errNotMade)
			assert.ErrorIs(t, s.End(ctx, r.ID), errNotMade)
			assert.ErrorIs(t, s.EndUser(ctx, "alice", Digest{}), errNotMade)
			records, err := s.List(ctx, "alice")
			assert.ErrorIs(t, err, errNotMade)
			assert.Nil(t, records)
		})
	}
}

func TestTableNames(t *testing.T) {
	schemas := map[string]func(string) (string, error){`"`: SQLiteSchema, ` "`: PostgreSQLSchema, "`": MySQLSchema} // by quotes
	for _, name := range []string{" ", "1a", `a"`, "a;b", "{table}"} {
		_, err := NewSQL(t.Context(), SQLConfig{Table: name})
		assert.ErrorContains(t, err, "name", "%q", name)
		for _, schema := range schemas {
			_, err = schema(name)
			assert.Error(t, err, "%q", name)
		}
	}
	_, err := NewSQL(t.Context(), SQLConfig{})
	assert.ErrorContains(t, err, "DB is nil")
	for quote, schema := range schemas {
		quote = strings.TrimSpace(quote)
		for name, want := range map[string]string{"": defaultTable, "order": "order"} {
			text, err := schema(name)
			require.NoError(t, err)
			assert.Contains(t, text, "CREATE TABLE IF NOT EXISTS "+quote+want+quote+" (")
		}
	}
	for length, fits := range map[int]bool{55: true, 56: false} {
		_, err = PostgreSQLSchema(strings.Repeat("a", length))
		assert.Equal(t, fits, err == nil, length)
	}
}
