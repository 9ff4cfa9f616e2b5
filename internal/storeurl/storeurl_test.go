package storeurl

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// opened returns a store that is closed with the test.
func opened(t *testing.T, open func(context.Context, string) (*Store, error), text string) *Store {
	t.Helper()
	store, err := open(t.Context(), text)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	return store
}

// Nobody listens where these lead to.
func TestErrorsHoldNoPassword(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"sqlite:/no/such/folder/x.db", "postgres://u:s3cr3t-password@127.0.0.1:1/x", "postgres://u:s3cr3t-password@127.0.0.1:1,127.0.0.1:2/x",
		"mysql://u:s3cr3t-password@127.0.0.1:1/x", "mysql://u:s3cr3t-password@127.0.0.1:1/x?tls=true",
		"redis://u:s3cr3t-password@127.0.0.1:1/0", "rediss://u:s3cr3t-password@127.0.0.1:1/0",
		"redis+cluster://u:s3cr3t-password@127.0.0.1:1?addr=127.0.0.1:2",
		"redis+sentinel://u:s3cr3t-password@127.0.0.1:1?master_name=x&password=s3cr3t-password",
	} {
		require.NoError(t, Check(text), text)
		for _, open := range []func(context.Context, string) (*Store, error){Open, OpenExisting} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := open(ctx, text)
			cancel()
			require.Error(t, err, text)
			assert.NotContains(t, err.Error(), "s3cr3t-password", text)
		}
	}
}

func TestWrongURLs(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "none of sqlite:PATH, postgres://"},
		{"memory:", "none of"},
		{"s3cr3t", "none of"},
		{"ftp://u:s3cr3t@h/x", "none of"},
		{"redis+ring://u:s3cr3t@h/0", "none of"},
		{"unix:///s3cr3t", "none of"},
		{"mariadb://u:s3cr3t@h/x", "the scheme mariadb is written mysql"},
		{"valkey://u:s3cr3t@h/0", "the scheme valkey is written redis"},
		{"valkeys+cluster://u:s3cr3t@h", "the scheme valkeys+cluster is written rediss+cluster"},
		{"sqlite3:s3cr3t", "the scheme sqlite3 is written sqlite"},
		{"root:s3cr3t@tcp(h:3306)/x", "that is how Go's driver writes it; here it is mysql://USER:PASSWORD@HOST:PORT/DATABASE"},
		{"mysql://root:s3cr3t@tcp(h:3306)/x", "mysql URL: that is how Go's driver writes it"},
		{"host=h password=s3cr3t", "that is how libpq writes it; here it is postgres://USER:PASSWORD@HOST:PORT/DATABASE"},
		{"sqlite:", "sqlite URL: it has no path, as in sqlite:app.db"},
		{"sqlite:?table=s3cr3t", "sqlite URL: it has no path"},
		{"sqlite:app.db?table=", "sqlite URL: table is empty"},
		{"sqlite:app.db?table=s3cr3t;drop", "sqlite URL: table is not of letters, digits and underscores"},
		{"postgres:s3cr3t", "postgres URL: it is malformed"},
		{"postgres:host=h password=s3cr3t", "postgres URL: it is malformed"},
		{"postgresql://u:s3cr3t@%zz", "postgresql URL: it is malformed; in a password @ is written %40, / %2F, # %23"},
		{"postgres://u:s3cr3t@h:99999999/x", "postgres URL: it is malformed"},
		{"postgres://u:s3cr3t@h/x?sslmode=s3cr3t", "postgres URL: the value of the parameter sslmode is none"},
		{"postgres://u:s3cr3t@h/x?connect_timeout=s3cr3t&sslmode=s3cr3t&table=x", "postgres URL: the value of the parameter sslmode is none"},
		{"postgres://u:s3cr3t@h/x?sslmode=%zz", "postgres URL: its parameters are malformed"},
		{"postgres://u:pa@s3cr3t@h/x", "postgres URL: there is an @ behind the host; in a password @ is written %40"},
		{"postgres://u:12/s3cr3t@h/x", "postgres URL: there is an @ behind the host"},
		{"postgres://u:s3cr3t@h/x?table=", "postgres URL: table is empty"},
		{"postgres://u:s3cr3t@h/x?table=s3cr3t-", "postgres URL: table is not of letters"},
		{"mysql://u:s3cr3t@%zz", "mysql URL: it is malformed"},
		{"mysql://u:s3cr3t@h/", "mysql URL: it has no database"},
		{"mysql:///x", "mysql URL: it has no host"},
		{"mysql://u:3#s3cr3t@h/x", "mysql URL: there is a # in it, which is written %23"},
		{"mysql://h/x#s3cr3t", "mysql URL: there is a # in it, which is written %23"},
		{"mysql://u:s3cr3t@h/x?tls=true;s3cr3t", "mysql URL: its parameters are malformed"},
		{"mysql://u:s3cr3t@h/x?tls=s3cr3t", "mysql URL: tls is none of true, false, skip-verify and preferred"},
		{"mysql://u:s3cr3t@h/x?tls=", "mysql URL: tls is empty"},
		{"mysql://u:s3cr3t@h/x?tls=true&tls=false", "mysql URL: tls is there more than once"},
		{"mysql://u:s3cr3t@h/x?TLS=s3cr3t", "mysql URL: the parameter TLS is neither tls nor table"},
		{"mysql://u:s3cr3t@h/x?strict=true&s3cr3t=", "mysql URL: a parameter is neither tls nor table"},
		{"mysql://u:s3cr3t@h/x?table=s3cr3t-", "mysql URL: table is not of letters"},
		{"redis://u:s3cr3t@%zz", "redis URL: it is malformed"},
		{"redis:///0", "redis URL: it has no host"},
		{"redis://:s3cr3t@:6379/0", "redis URL: it has no host"},
		{"redis://u:s3cr3t@h/s3cr3t", "redis URL: the path is no number of a database, as /0 is"},
		{"redis://u:s3cr3t@h/1/s3cr3t", "redis URL: the path is no number of a database"},
		{"redis://u:12/s3cr3t@h/0", "redis URL: there is an @ behind the host; in a password @ is written %40, / %2F"},
		{"redis://u:12?s3cr3t@h/0", "redis URL: a parameter is none that go-redis knows"},
		{"redis://u:pa#s3cr3t@h/0", "redis URL: there is a # in it, which is written %23"},
		{"redis://u:s3cr3t@h/0?tls=s3cr3t", "redis URL: the parameter tls is none that go-redis knows"},
		{"redis://u:s3cr3t@h/0?max_retries=1&read_timeout=s3cr3t&tls=s3cr3t", "redis URL: the value of the parameter tls is none that go-redis knows"},
		{"rediss://u:s3cr3t@h/0?s3cr3t=s3cr3t", "rediss URL: a parameter is none that go-redis knows"},
		{"redis://u:s3cr3t@h/0?read_timeout=s3cr3t", "redis URL: the value of the parameter read_timeout is none that go-redis knows"},
		{"redis://u:s3cr3t@h/0?replicas=s3cr3t", "redis URL: replicas is not a number, or negative"},
		{"redis://u:s3cr3t@h/0?replicas=-1", "redis URL: replicas is not a number, or negative"},
		{"redis://u:s3cr3t@h/0?replicas=99999999999999999999", "redis URL: replicas is not a number, or negative"},
		{"redis://u:s3cr3t@h/0?replicas=", "redis URL: replicas is empty"},
		{"redis://u:s3cr3t@h/0?replicas=1&replicas=2", "redis URL: replicas is there more than once"},
		{"redis://u:s3cr3t@h/0?replicas=1;prefix=s3cr3t", "redis URL: its parameters are malformed"},
		{"redis://u:s3cr3t@h/0?prefix={s3cr3t}", "redis URL: prefix has braces"},
		{"redis://u:s3cr3t@h/0?addr=s3cr3t:1", "redis URL: addr is for redis+cluster and redis+sentinel"},
		{"redis://u:s3cr3t@h/0?master_name=it", "redis URL: the parameter master_name is none that go-redis knows"},
		{"redis+cluster://u:s3cr3t@h/3", "redis+cluster URL: a Cluster has no numbers of databases"},
		{"redis+cluster://u:s3cr3t@h?addr=s3cr3t", "redis+cluster URL: the value of the parameter addr is none that go-redis knows"},
		{"redis+cluster://u:s3cr3t@h?read_only=true", "redis+cluster URL: what replicas answer lags behind"},
		{"rediss+cluster://u:s3cr3t@h?replicas=x", "rediss+cluster URL: replicas is not a number, or negative"},
		{"redis+sentinel://u:s3cr3t@h/0", "redis+sentinel URL: master_name is missing"},
		{"rediss+sentinel://u:s3cr3t@h/0?master_name=it&replicas=x", "rediss+sentinel URL: replicas is not a number"},
		{"redis+sentinel://u:s3cr3t@h/0?master_name=it&route_by_latency=true", "redis+sentinel URL: what replicas answer lags behind"},
		{"redis+sentinel://u:s3cr3t@h/0?master_name=it&route_randomly=1", "redis+sentinel URL: what replicas answer lags behind"},
		{"redis+sentinel://u:s3cr3t@h/0?master_name=it&replica_only=1", "redis+sentinel URL: what replicas answer lags behind"},
	} {
		err := Check(tt.text)
		require.Error(t, err, tt.text)
		assert.Contains(t, err.Error(), tt.want, tt.text)
		assert.NotContains(t, err.Error(), "s3cr3t", tt.text)
		assert.Equal(t, strings.HasPrefix(tt.want, "none of"), err == ErrForm, tt.text)
		_, opening := Open(t.Context(), tt.text)
		assert.Equal(t, err, opening)
	}
}
