// Boltauthgen-revoke revokes tokens, users, families and API keys in a store that servers share, and tells how such a
// store is. It is what boltauthgen revoke and boltauthgen status run, a program and a module of its own since it brings the drivers
// of all databases.
//
//	boltauthgen revoke --store sqlite:app.db --issuer https://auth.example --jti 5f0c81d2
//	boltauthgen status --store sqlite:app.db
//
// The exit code is 0 if all is well, 1 if the store did not do or say what it was asked for, and 2 if the call was wrong,
// or if the store is not there or could not be opened.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9/logging"

	"github.com/boltauthgen/boltauthgen/internal/cli"
)

func main() {
	logging.Disable() // this and the next: what has failed is said once, by the command
	_ = mysql.SetLogger(&mysql.NopLogger{})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // who interrupts twice does not wait
	a := &app{
		stdout: os.Stdout, stderr: os.Stderr, version: cli.Version(debug.ReadBuildInfo()), getenv: os.Getenv, now: time.Now,
		opening: 5 * time.Second, patience: time.Second,
	}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
