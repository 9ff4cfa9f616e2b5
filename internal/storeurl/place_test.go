package storeurl

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLocate(t *testing.T) {
	folder, err := filepath.Abs(".")
	require.NoError(t, err)
	for text, want := range map[string]string{
		"sqlite:a.db":                 "sqlite " + folder + "/a.db, table revocations",
		"sqlite:/a/b?c.db?table=mine": "sqlite /a/b?c.db, table mine",
		"postgres://u:s3cr3t@h/x":     "postgres h:5432, database x, table revocations",
		"postgresql://u:s3cr3t@h:1,[::1]:2/x?sslmode=prefer&table=mine":                "postgresql h:1,[::1]:2, database x, table mine",
		"postgres://u:s3cr3t@/x?host=/run/postgres":                                    "postgres /run/postgres/.s.PGSQL.5432, database x, table revocations",
		"mysql://u:s3cr3t@h/x":                                                         "mysql h:3306, database x, table revocations",
		"mysql://u:s3cr3t@h:1/x?tls=true&table=mine":                                   "mysql h:1, database x, table mine",
		"redis://u:s3cr3t@h":                                                           "redis h:6379, database 0, prefix boltauthgen:revocation",
		"rediss://u:s3cr3t%2F@[::1]:1/3?prefix=mine&client_name=s3cr3t":                "rediss [::1]:1, database 3, prefix mine",
		"redis+cluster://u:s3cr3t@h:1?addr=i:2&addr=j:3":                               "redis+cluster h:1,i:2,j:3, prefix boltauthgen:revocation",
		"redis+sentinel://u:s3cr3t@h:1/4?master_name=m&password=s3cr3t@x&addr=i:2":     "redis+sentinel h:1,i:2, database 4, prefix boltauthgen:revocation",
		"rediss+sentinel://u:s3cr3t@h?master_name=m&username=s3cr3t&prefix=mine&db=12": "rediss+sentinel h:6379, database 12, prefix mine",
	} {
		place, err := Locate(text)
		require.NoError(t, err, text)
		if got := place.String(); len(place.Hosts) < 3 {
			assert.Equal(t, want, got, text)
		} else { // go-redis does not keep the order
			assert.Len(t, got, len(want), text)
		}
		assert.NotContains(t, fmt.Sprintf("%+v", place), "s3cr3t", text)
	}
	place, err := Locate("redis://u:s3cr3t@h/x")
	require.Error(t, err)
	assert.Zero(t, place)
}

func TestWhatIsNotThere(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"sqlite:/no/such.db", "the store is not there: there is no file /no/such.db\nservers make it: is it the one that they use?"},
		{"sqlite:///no/such.db", "there is no file /no/such.db\nservers make it: is it the one that they use?\n" +
			"a path that begins with slashes begins at the root; it is sqlite:PATH, as in sqlite:no/such.db"},
	} {
		_, err := OpenExisting(t.Context(), tt.text)
		require.ErrorIs(t, err, errNotThere)
		assert.ErrorContains(t, err, tt.want)
	}
	for text, want := range map[string]string{
		"postgres://u:s3cr3t@h/x?table=mine": "the store is not there: there is no table mine in database x of h:5432\n" +
			"servers make it: is it another one? the URL names it by ?table=NAME",
		"sqlite:/a.db": "the store is not there: there is no table revocations in /a.db\n" +
			"servers make it: is it another one? the URL names it by ?table=NAME",
	} {
		place, err := Locate(text)
		require.NoError(t, err)
		assert.EqualError(t, place.noTable(), want)
	}
	for text, want := range map[string]string{
		"redis://u:s3cr3t@h/3": "database 3 of h:6379", "redis+cluster://u:s3cr3t@h:1": "h:1",
	} {
		place, err := Locate(text)
		require.NoError(t, err)
		assert.EqualError(t, place.noPrefix(), "the store is not there: nothing has the prefix boltauthgen:revocation in "+want+
			"\nservers make it: is it another one? the URL names it by ?prefix=NAME"+
			"\nor the server has lost its data: then start the servers' program again, which makes the store anew")
	}
}
