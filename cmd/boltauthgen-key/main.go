// Boltauthgen-key makes, lists, rotates and revokes API keys in a table that
// [github.com/boltauthgen/boltauthgen/runtime/apikey.SQL] reads. It is what boltauthgen key runs, a program and a module
// of its own since it brings the database's driver.
//
//	boltauthgen key init --db sqlite:app.db
//	boltauthgen key new --db sqlite:app.db --owner 7 --name "nightly export" --permission blog.view_article
//	boltauthgen key list --db sqlite:app.db
//	boltauthgen key rotate --db sqlite:app.db --overlap 24h ID
//	boltauthgen key revoke --db sqlite:app.db ID
//
// A new key is printed to standard output, once: only its digest is stored.
//
// The exit code is 0 if all is well, 1 if a key is not there or not in a state for what was asked, or the database did not
// do it, and 2 if the call was wrong, or the database is not there or could not be opened.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // who interrupts twice does not wait
	a := &app{stdout: os.Stdout, stderr: os.Stderr, version: cli.Version(debug.ReadBuildInfo()), now: time.Now}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
