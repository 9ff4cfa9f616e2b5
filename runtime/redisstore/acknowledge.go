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

// run runs the script and returns its result, a number, once a number of replicas have what it has written.
func (w write) run(ctx context.Context, client redis.UniversalClient, replicas int) (int64, error) {
	result, err := w.send(ctx, client, replicas, again)
	if err != nil {
		return 0, err
	}
	return result.Int64()
}

// send runs the script and returns its result once a number of replicas have what it has written.
func (w write) send(ctx context.Context, client redis.UniversalClient, replicas int, how sending) (result *redis.Cmd, err error) {
	if replicas == 0 {
		result = w.script.Run(ctx, how(client), w.keys, w.args...)
		return result, result.Err()
	}
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return w.acknowledged(ctx, client.Pipeline, replicas, how)
	}
	// A pipeline of a cluster may send its commands to different nodes. This one leads to one node, that of the key.
	err = cluster.Watch(ctx, func(tx *redis.Tx) error {
		result, err = w.acknowledged(ctx, tx.Pipeline, replicas, how)
		return err
	}, w.keys[0])
	return result, err
}

func (w write) acknowledged(ctx context.Context, pipeline func() redis.Pipeliner, replicas int, how sending) (*redis.Cmd, error) {
	result, err := w.wait(ctx, pipeline(), w.script.EvalSha, replicas, how)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		result, err = w.wait(ctx, pipeline(), w.script.Eval, replicas, how)
	}
	return result, err
}

// wait sends the script and WAIT in one pipeline, because that is sent over one connection, even if it is sent again:
// WAIT is sure to know of the writes of its own connection only, and may say over another one that there is nothing to wait
// for.
func (w write) wait(ctx context.Context, p redis.Pipeliner, evaluate evaluation, replicas int, how sending) (*redis.Cmd, error) {
	written := evaluate(ctx, how(p), w.keys, w.args...)
	acknowledged := p.Do(ctx, "wait", replicas, waiting(ctx).Milliseconds())
	if _, err := p.Exec(ctx); err != nil {
		return nil, err
	}
	if n, err := acknowledged.Int64(); err != nil {
		return nil, err
	} else if n < int64(replicas) {
		return nil, fmt.Errorf("%d replicas of %d have acknowledged it", n, replicas)
	}
	return written, nil
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

// A sending says whether a client may send a script again when it has got no answer. The server may have run it then.
type sending func(scripter) redis.Scripter

// A scripter is a client or a pipeline.
type scripter interface {
	redis.Scripter
	Process(ctx context.Context, cmd redis.Cmder) error
}

// again is for scripts that do no harm when they are run twice.
func again(s scripter) redis.Scripter { return s }

// once is for those whose second answer would be another one.
func once(s scripter) redis.Scripter { return onceScripter{s} }

type onceScripter struct{ scripter }

func (s onceScripter) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return s.send(ctx, "eval", script, keys, args)
}

func (s onceScripter) EvalSha(ctx context.Context, digest string, keys []string, args ...any) *redis.Cmd {
	return s.send(ctx, "evalsha", digest, keys, args)
}

func (s onceScripter) send(ctx context.Context, name, script string, keys []string, args []any) *redis.Cmd {
	words := append(make([]any, 0, 3+len(keys)+len(args)), name, script, len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	cmd := redis.NewCmd(ctx, append(words, args...)...)
	cmd.SetFirstKeyPos(3)
	_ = s.Process(ctx, onceCmd{cmd}) // the command has the error
	return cmd
}

type onceCmd struct{ *redis.Cmd }

// NoRetry tells the client.
func (onceCmd) NoRetry() bool { return true }
