package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// A write is a script that writes, with its keys and arguments.
type write struct {
	script *redis.Script
	keys   []string
	args   []any
}

// run runs the script and returns its result once a number of replicas have what it has written.
func (w write) run(ctx context.Context, client redis.UniversalClient, replicas int) (result int64, err error) {
	if replicas == 0 {
		return w.script.Run(ctx, client, w.keys, w.args...).Int64()
	}
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return w.acknowledged(ctx, client.Pipeline, replicas)
	}
	// A pipeline of a cluster may send its commands to different nodes. This one leads to one node, that of the key.
	err = cluster.Watch(ctx, func(tx *redis.Tx) error {
		result, err = w.acknowledged(ctx, tx.Pipeline, replicas)
		return err
	}, w.keys[0])
	return result, err
}

func (w write) acknowledged(ctx context.Context, pipeline func() redis.Pipeliner, replicas int) (int64, error) {
	result, err := w.wait(ctx, pipeline(), w.script.EvalSha, replicas)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		result, err = w.wait(ctx, pipeline(), w.script.Eval, replicas)
	}
	return result, err
}

// wait sends the script and WAIT in one pipeline, because that is sent over one connection, even if it is sent again:
// WAIT is sure to know of the writes of its own connection only, and may say over another one that there is nothing to wait
// for.
func (w write) wait(ctx context.Context, p redis.Pipeliner, evaluate evaluation, replicas int) (int64, error) {
	written := evaluate(ctx, p, w.keys, w.args...)
	acknowledged := p.Do(ctx, "wait", replicas, waiting(ctx).Milliseconds())
	if _, err := p.Exec(ctx); err != nil {
		return 0, err
	}
	if n, err := acknowledged.Int64(); err != nil {
		return 0, err
	} else if n < int64(replicas) {
		return 0, fmt.Errorf("%d replicas of %d have acknowledged it", n, replicas)
	}
	return written.Int64()
}

// An evaluation is how a script is sent: by its digest or as a text.
type evaluation func(ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd

// waiting returns how long the server may wait, so that its answer still arrives in time: a server looks ten times a second,
// more or less, at what has waited long enough. Zero would be forever.
func waiting(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	left := time.Until(deadline)
	return max(left-200*time.Millisecond, left/2, time.Millisecond)
}
