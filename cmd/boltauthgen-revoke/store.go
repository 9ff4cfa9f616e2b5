package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
)

// variable is the environment variable that names the store where the flag does not.
const variable = "REVOCATION"

const storeHelp = `The store is in --store or, since a password does not belong into the shell's history
and is seen by whoever lists processes, in the environment variable REVOCATION:

  sqlite:PATH
  postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=primary
  mysql://USER:PASSWORD@HOST:PORT/DATABASE?tls=true
  redis://USER:PASSWORD@HOST:PORT/NUMBER
  redis+cluster://USER:PASSWORD@HOST:PORT?addr=HOST:PORT
  redis+sentinel://HOST:PORT/NUMBER?master_name=NAME&username=USER&password=PASSWORD

With rediss in place of redis it is TLS. Where servers have other settings than the
usual ones, the URL says so: the parameter table for databases, prefix for Redis, and
replicas for how many replicas of a Redis must have what is revoked. In a password,
characters that have a meaning in URLs are written with a percent sign, # as %23. No
store is made here: where there is none, no server asks.`

// A place is a URL of a store, and where it came from.
type place struct {
	url    string
	origin string // --store or REVOCATION
}

func addStoreFlag(cmd *cobra.Command) {
	cmd.Flags().String("store", "", "`URL` of the store (default $"+variable+")")
	complete(cmd, "store", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return []cobra.Completion{"sqlite:", "postgres://", "mysql://", "redis://", "redis+cluster://", "redis+sentinel://"},
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
	if p.url == "" {
		return fmt.Errorf("%s is empty", p.origin)
	}
	err := storeurl.Check(p.url)
	switch {
	case p.scheme() == "memory":
		return fmt.Errorf("%s: memory is that of the server's process, which no other program reaches", p.origin)
	case errors.Is(err, storeurl.ErrForm): // which has what looks like URLs
		return fmt.Errorf("%s: what kind of store?\nit is one of sqlite:PATH, postgres, mysql, redis, redis+cluster and redis+sentinel; see --help", p.origin)
	case err != nil:
		return fmt.Errorf("%s: %w; see --help", p.origin, err)
	}
	return nil
}

var errOpenTimeout = errors.New("it did not answer in time")

// with calls f with the store. An error of either is a problem. No store is made: to make one would be to revoke where no
// server looks, and would tell servers whose Redis was emptied that all is well.
func (a *app) with(ctx context.Context, p place, f func(*storeurl.Store) error) (err error) {
	opening, cancel := context.WithTimeoutCause(ctx, a.opening, errOpenTimeout)
	defer cancel()
	store, err := storeurl.OpenExisting(opening, p.url)
	if err != nil && opening.Err() != nil {
		err = context.Cause(opening)
	} else if errors.Is(err, os.ErrDeadlineExceeded) { // a connection's deadline is a bit earlier than the context
		err = errOpenTimeout
	}
	if err != nil {
		return problem{fmt.Errorf("%s store of %s: %w", p.scheme(), p.origin, err)}
	}
	defer store.Close()
	if err := f(store); err != nil {
		return problem{fmt.Errorf("%s store of %s: %w", p.scheme(), p.origin, err)}
	}
	return nil
}
