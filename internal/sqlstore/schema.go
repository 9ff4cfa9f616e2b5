package sqlstore

import (
	"errors"
	"regexp"
	"strings"
)

// Schema returns the statements of a schema for a table, or for the usual one if
// the name is empty. Unlike in statements, {table} stands there for the name
// without quotes, so that names of indexes can be made of it.
func Schema(schema, table, usual string) (string, error) {
	table, err := tableName(table, usual)
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(schema, "{table}", table), nil
}

var (
	errLongIndex = errors.New("the table's name is too long: with it, names of indexes would be longer than the 63 characters that PostgreSQL keeps")
	quotedName   = regexp.MustCompile(`"[^"]*"`)
)

// PostgreSQLSchema is like [Schema], but also returns an error if the name is so
// long that PostgreSQL would cut the name of an index, take it for one that is
// there, and leave the index out.
func PostgreSQLSchema(schema, table, usual string) (string, error) {
	schema, err := Schema(schema, table, usual)
	if err != nil {
		return "", err
	}
	for _, name := range quotedName.FindAllString(schema, -1) {
		if len(name) > maxTable+len(`""`) {
			return "", errLongIndex
		}
	}
	return schema, nil
}

// MySQLSchema is like [Schema]. The schema has names in double quotes, which
// become those of MySQL.
func MySQLSchema(schema, table, usual string) (string, error) {
	schema, err := Schema(schema, table, usual)
	return strings.ReplaceAll(schema, `"`, "`"), err
}
