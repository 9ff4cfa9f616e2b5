package sqlstore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTableNames(t *testing.T) {
	for name, want := range map[string]string{
		"": "usual", "t": "t", "_": "_", "T9": "T9", "order": "order", strings.Repeat("a", 63): strings.Repeat("a", 63),
	} {
		got, err := tableName(name, "usual")
		require.NoError(t, err, name)
		assert.Equal(t, want, got)
		schema, err := Schema(`CREATE TABLE "{table}"; CREATE INDEX "{table}_x"`, name, "usual")
		require.NoError(t, err)
		assert.Equal(t, `CREATE TABLE "`+want+`"; CREATE INDEX "`+want+`_x"`, schema)
	}
	for _, name := range []string{" ", "1a", "a b", "a;b", `a"`, "a.b", "a-b", "ä", "a\x00", "a\n", strings.Repeat("a", 64), "{table}"} {
		_, err := Schema("", name, "usual")
		assert.Error(t, err, "%q", name)
		_, err = Open(t.Context(), nil, name, "usual")
		assert.ErrorContains(t, err, "name", "%q", name)
	}
}
