package redisstore

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// A server that was the primary when a store was made may have become a replica since, whose link to the new primary may be
// down, and a client that has its address goes on asking it. So nothing is read from a server that would not be written to:
// each read begins with a write that does nothing, over the same connection or in the same script. A replica refuses it, and
// so does a primary that has fewer replicas than its min-replicas-to-write. It takes no memory, and goes to no replica and
// into no file.

// never is the field that reads remove from a hash: no name is as short, and no mark is called so.
const never = "-"

// read sends commands that read a hash, or what goes with it, in one pipeline, which is sent over one connection. It costs
// the server less than a script does. The error is that of the first command that has one.
func read(ctx context.Context, client redis.UniversalClient, hash string, commands func(redis.Pipeliner)) error {
	p := client.Pipeline()
	p.HDel(ctx, hash, never)
	commands(p)
	_, err := p.Exec(ctx)
	return err
}
