// Boltauthgen writes the code that guards HTTP handlers, from the directives in their doc comments.
//
//	//auth:route DELETE /articles/{id}
//	//auth:guard IsAdminUser() || user.ID == article.AuthorID
//	func (s *Server) DeleteArticle(w http.ResponseWriter, r *http.Request, user *User, article *Article) error
//
// Run it through go generate, with this line in one file of the package:
//
//	//go:generate go tool boltauthgen
//
// or by itself, as boltauthgen ./... for a whole module. boltauthgen check ./... writes nothing and fails where that would
// have changed something; it belongs into CI. The exit code is 0 if all is well, 1 if problems were found, and 2 if the call was
// wrong or nothing could be loaded.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/boltauthgen/boltauthgen/gen"
	"github.com/boltauthgen/boltauthgen/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // who interrupts twice does not wait
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "boltauthgen:", err)
		os.Exit(exitUsage)
	}
	a := &app{
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		terminal: isTerminal(os.Stderr, os.Getenv),
		dir:      dir,
		getenv:   os.Getenv,
		version:  cli.Version(debug.ReadBuildInfo()),
		find:     findProgram,
		generate: gen.Generate,
		check:    gen.Check,
	}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
