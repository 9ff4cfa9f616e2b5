package redisstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

const sitePrefix = "site1:2:"

// askDjango runs a program in Python that has the site's caches, by their names, and returns what it prints as JSON.
func askDjango(t *testing.T, s *server, program string, arguments ...any) (answer []any) {
	t.Helper()
	const setUp = `
import json, sys
import django
from django.conf import settings
location, password, arguments = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
site = {"KEY_PREFIX": "site1", "VERSION": 2, "LOCATION": location}
caches = {
    "django_redis": dict(site, BACKEND="django_redis.cache.RedisCache", OPTIONS={"PASSWORD": password}),
    "json": dict(site, BACKEND="django_redis.cache.RedisCache", OPTIONS={"PASSWORD": password, "SERIALIZER": "django_redis.serializers.json.JSONSerializer"}),
    "zlib": dict(site, BACKEND="django_redis.cache.RedisCache", OPTIONS={"PASSWORD": password, "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"}),
}
if django.VERSION >= (4, 0):
    caches["redis"] = dict(site, BACKEND="django.core.cache.backends.redis.RedisCache", OPTIONS={"password": password})
settings.configure(CACHES=dict(caches, default=caches["django_redis"]))
from django.core.cache import caches as opened
answer = []
for name in caches:
    cache = opened[name]
`
	text, err := json.Marshal(arguments)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", setUp+program+"\nprint(json.dumps(answer))",
		fmt.Sprintf("redis://%s/3", s.addr), s.password, string(text))
	var problems bytes.Buffer
	cmd.Stderr = &problems
	output, err := cmd.Output()
	require.NoError(t, err, "the script install installs Django: %s", &problems)
	require.NoError(t, json.Unmarshal(output, &answer))
	require.NotEmpty(t, answer)
	return answer
}

func siteClient(t *testing.T, s *server) *redis.Client {
	return s.client(t, func(o *redis.Options) { o.DB = 3 })
}

// What a Django site revokes is revoked here, and what is revoked here is there.
func TestDjango(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	client := siteClient(t, server)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Django: sitePrefix, Timeout: long})
	plain := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})

	names := askDjango(t, server, `
    cache.set("revoked:" + arguments[0] + name, "1", timeout=1000)
    answer.append(name)`, "by Django é\n: ")
	for _, name := range names {
		theirs := token("by Django é\n: " + name.(string))
		expect(t, store, true, theirs, name)
		expect(t, plain, false, theirs, "who has no site does not look there")
		theirs.Issuer = "of no matter to the site"
		expect(t, store, true, theirs)
		theirs.ID += "x"
		expect(t, store, false, theirs)
	}

	ours := token("by us é\n: ")
	require.NoError(t, store.Revoke(t.Context(), ours))
	answers := askDjango(t, server, `
    answer.append(cache.get("revoked:" + arguments[0]) == 1)
    answer.append("revoked:" + arguments[0] in cache)
    answer.append(cache.get("revoked:" + arguments[0] + "x") is None)`, ours.ID)
	for _, fine := range answers {
		require.Equal(t, true, fine)
	}
	ttl, err := client.PTTL(t.Context(), sitePrefix+"revoked:"+ours.ID).Result()
	require.NoError(t, err)
	require.InDelta(t, time.Until(ours.Expires.Add(revocation.Grace)), ttl, float64(20*time.Second))
}

// The end of the site's entry is never earlier than it was, and what is over makes none.
func TestDjangoEnds(t *testing.T) {
	client := siteClient(t, startServer(t, redisServer))
	store := newStore(t, redisstore.RevocationConfig{Client: client, Django: ":1:", Timeout: long})
	now := time.Now()
	for i, test := range []struct {
		before time.Duration // of an entry that the site has; -1: for good; 0: none
		end    time.Time
		want   time.Duration // -1: for good; -2: none
	}{
		{0, now, revocation.Grace},
		{0, time.Time{}, -1},
		{0, now.Add(-2 * revocation.Grace), -2},
		{0, time.Unix(-1e9, 0), -2},
		{time.Minute, now, revocation.Grace},
		{10 * time.Hour, now, 10 * time.Hour},
		{time.Minute, now.Add(-2 * revocation.Grace), time.Minute},
		{time.Minute, time.Time{}, -1},
		{-1, now, -1},
		{-1, time.Time{}, -1},
	} {
		id := fmt.Sprint(i)
		key := ":1:revoked:" + id
		if test.before != 0 {
			require.NoError(t, client.Set(t.Context(), key, "the site's", max(test.before, 0)).Err())
		}
		require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: id, Expires: test.end}))
		ttl, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		if test.want < 0 {
			assert.Equal(t, test.want, ttl, id)
		} else {
			assert.InDelta(t, test.want, ttl, float64(20*time.Second), id)
		}
		if test.before != 0 {
			assert.Equal(t, "the site's", client.Get(t.Context(), key).Val())
		}
	}
	// Whatever is there counts, as it does for the site.
	require.NoError(t, client.RPush(t.Context(), ":1:revoked:list", "x").Err())
	expect(t, store, true, token("list"))
	require.NoError(t, store.Revoke(t.Context(), token("list")))
}

// Beside a site, tokens of all issuers are revoked together; all else is as without one.
func TestDjangoConformance(t *testing.T) {
	server := startServer(t, redisServer)
	open := func(t *testing.T) *redisstore.Revocation {
		return newStore(t, redisstore.RevocationConfig{Client: siteClient(t, server), Django: ":1:", Timeout: long})
	}
	revocationtest.Run(t, func(t *testing.T) (one, other revocation.Store) { return qualified{open(t)}, qualified{open(t)} })
	store := open(t)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	expect(t, store, true, revocation.Token{Issuer: "another", ID: "it"})
}

// A qualified store has the issuers in the ids of tokens.
type qualified struct{ *redisstore.Revocation }

func (q qualified) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	return q.Revocation.Revoked(ctx, q.token(t))
}

func (q qualified) Revoke(ctx context.Context, t revocation.Token) error {
	return q.Revocation.Revoke(ctx, q.token(t))
}

func (qualified) token(t revocation.Token) revocation.Token {
	if t.ID != "" {
		t.ID = fmt.Sprint(len(t.Issuer), ":", t.Issuer, t.ID)
	}
	return t
}
