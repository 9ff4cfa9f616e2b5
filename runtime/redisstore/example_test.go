package redisstore_test

import (
	"context"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

// Instances of a program share what was revoked, and a Django site sees it, too. A revocation counts once a replica has it.
func Example() {
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName:            "site",
		SentinelAddrs:         []string{"10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26379"},
		ContextTimeoutEnabled: true,
	})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	store, err := redisstore.NewRevocation(ctx, redisstore.RevocationConfig{Client: client, Replicas: 1, Django: ":1:"})
	if err != nil {
		log.Fatal(err)
	}
	backend, err := jwtauth.New(jwtauth.Config{Revocation: store})
	if err != nil {
		log.Fatal(err)
	}
	_ = backend
}
