package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
)

// variable is the environment variable that names the store where the flag does not.
const variable = "REVOCATION"

const storeHelp = `The store is sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql:// or
redis://, in --store or, since a password does not belong into the shell's history
and is seen by whoever lists processes, in the environment variable REVOCATION.`

// A place is a URL of a store, and where it came from.
type place struct {
	url    string
	origin string // --store or REVOCATION
}

func addStoreFlag(cmd *cobra.Command) {
	cmd.Flags().String("store", "", "`URL` of the store (default $"+variable+")")
	complete(cmd, "store", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"sqlite:", "postgres://", "mysql://", "redis://"},
			cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	})
}

// place returns which store a command is about. Only a flag that is not there is made up for by the variable: one that
// is empty was meant to name another store.
func (a *app) place(cmd *cobra.Command) (place, error) {
	p := place{origin: variable, url: a.getenv(variable)}
	if flag := cmd.Flags().Lookup("store"); flag.Changed {
		p = place{origin: "--store", url: flag.Value.String()}
	} else if p.url == "" {
		return p, fmt.Errorf("--store is missing, and so is %s\nsay which store, as in --store sqlite:app.db", variable)
	}
	return p, p.check()
}

// String tells people which store that is. It does not have what may be secret.
func (p place) String() string { return p.scheme() + ", by " + p.origin }

func (p place) scheme() string {
	scheme, _, _ := strings.Cut(p.url, ":")
	return scheme
}

// check returns what is wrong with the URL, without opening anything. An error shows no more of it than the scheme of a
// kind that is known.
func (p place) check() error {
	_, rest, found := strings.Cut(p.url, ":")
	switch {
	case p.url == "":
		return fmt.Errorf("%s is empty", p.origin)
	case !found:
		return fmt.Errorf("%s: what kind of store?\nit is one of %s", p.origin, forms)
	}
	switch p.scheme() {
	case "memory":
		return fmt.Errorf("%s: memory is that of the server's process, which no other program reaches", p.origin)
	case "sqlite":
		return p.checkFile(rest)
	case "postgres", "postgresql", "mysql", "redis", "rediss":
		if u, err := url.Parse(p.url); err != nil || u.Host == "" { // err quotes the URL
			return fmt.Errorf("%s: the %s URL is none, or has no host", p.origin, p.scheme())
		}
		return nil
	}
	return fmt.Errorf("%s: what kind of store?\nit is one of %s", p.origin, forms)
}

// forms is like [storeurl.Forms], but short and without what looks like a URL.
const forms = "sqlite:PATH, postgres, mysql and redis; see --help"

// checkFile refuses a file that is not there. To make it would be to revoke where no server looks.
func (p place) checkFile(path string) error {
	if path == "" {
		return fmt.Errorf("%s: the path is missing, as in sqlite:app.db", p.origin)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return fmt.Errorf("%s: the sqlite file is not there\nservers make it; which one do they use?", p.origin)
	}
	return nil
}

var errOpenTimeout = errors.New("it did not answer in time")

// with calls f with the store. An error of either is a problem, but for a URL that is wrong.
func (a *app) with(ctx context.Context, p place, f func(*storeurl.Store) error) (err error) {
	opening, cancel := context.WithTimeoutCause(ctx, a.opening, errOpenTimeout)
	defer cancel()
	store, err := storeurl.Open(opening, p.url)
	if opening.Err() != nil && err != nil {
		err = context.Cause(opening)
	}
	switch {
	case err != nil && strings.Contains(err.Error(), storeurl.Forms):
		return fmt.Errorf("%s: the %s URL is none; see --help", p.origin, p.scheme())
	case err != nil:
		return problem{fmt.Errorf("%s store of %s: %w", p.scheme(), p.origin, err)}
	}
	defer store.Close()
	if err := f(store); err != nil {
		return problem{fmt.Errorf("%s store of %s: %w", p.scheme(), p.origin, err)}
	}
	return nil
}
