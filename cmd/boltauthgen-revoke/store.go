package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
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

// A place is a URL of a store, what it names, and where it came from.
type place struct {
	url    string
	origin string // --store or REVOCATION
	named  storeurl.Place
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
	err := p.locate()
	return p, err
}

// String tells people which store that is. It does not have what may be secret.
func (p place) String() string { return p.named.String() + "; by " + p.origin }

// errorf returns an error about the store.
func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s store of %s: %w", p.named.Scheme, p.origin, fmt.Errorf(format, args...))
}

// locate reads the URL, without opening anything.
func (p *place) locate() (err error) {
	if p.url == "" {
		return fmt.Errorf("%s is empty", p.origin)
	}
	p.named, err = storeurl.Locate(p.url)
	switch {
	case strings.HasPrefix(p.url, "memory:"):
		return fmt.Errorf("%s: memory is that of the server's process, which no other program reaches", p.origin)
	case errors.Is(err, storeurl.ErrForm): // which has what looks like URLs
		return fmt.Errorf("%s: what kind of store?\nit is one of sqlite:PATH, postgres, mysql, redis, redis+cluster and redis+sentinel; see --help", p.origin)
	case err != nil:
		return fmt.Errorf("%s: %w\nsee --help", p.origin, err)
	}
	return nil
}

var errOpenTimeout = errors.New("it did not answer in time")

// with calls f with the store, of whose error it makes a problem. No store is made: to make one would be to revoke where no
// server looks, and would tell servers whose Redis was emptied that all is well.
func (a *app) with(ctx context.Context, p place, f func(revocation.Feed) error) (err error) {
	store, err := a.open(ctx, p)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := f(store.Feed); err != nil {
		return problem{p.errorf("%w", err)}
	}
	return nil
}

func (a *app) open(ctx context.Context, p place) (*storeurl.Store, error) {
	limit := a.opening * time.Duration(max(1, len(p.named.Hosts))) // one may not be there
	opening, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	store, err := storeurl.OpenExisting(opening, p.url)
	switch {
	case err == nil:
		return store, nil
	case opening.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded): // of a connection, which is a bit earlier
		return nil, p.errorf("%w: %s%s", errOpenTimeout, p.named, p.aboutTLS(errOpenTimeout))
	}
	return nil, p.errorf("%w%s", err, p.aboutTLS(err))
}

// aboutTLS returns a further line for an error that a server is known for which was spoken to with TLS, or without it, and
// expects the other. Those of databases say so themselves.
func (p place) aboutTLS(err error) string {
	kind, _, _ := strings.Cut(p.named.Scheme, "+")
	silent := errors.Is(err, errOpenTimeout) || errors.Is(err, io.EOF)
	switch {
	case kind == "rediss" && (silent || errors.As(err, new(tls.RecordHeaderError))):
		return "\nis that a port for TLS? if it is not, the scheme is redis in place of rediss"
	case kind == "redis" && silent:
		return "\nis that a port for TLS? if it is, the scheme is rediss in place of redis"
	}
	return ""
}
