package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const statusLong = `Status reads all that is revoked, as a server does that follows the store
(revocation.Fleet), and writes nothing. It prints these lines:

  store     the scheme of its URL, and whether that was in --store or in REVOCATION
  host, database, table, prefix
            which store that is, as far as its URL says or what is usual otherwise
  tokens    tokens that are revoked one by one, API keys among them
  families  logins that are revoked with all their tokens
  users     users of whom is revoked what was issued until an instant; they stay
  ended     entries of tokens, families and keys that have ended, not deleted yet:
            what is revoked later deletes them
  newest    when the last entry was written of those that are there
  question  how long the store takes to say whether a token is revoked
  reading   how long a server that follows the store takes until it serves
  full      only where there is more than such a server holds by default

` + storeHelp + `

Exit codes: 0 all is well, 1 the store did not answer, 2 the call was wrong, or the store
is not there or could not be opened.`

const statusExample = `  boltauthgen status --store sqlite:app.db

  # Of servers that have named the table:
  boltauthgen status --store 'postgres://127.0.0.1/app?table=auth_revocations'

  # For a monitor, in seconds:
  boltauthgen status --json | jq .question_seconds`

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "status --store URL",
		Short:             "Tell how a store of revocations is",
		Long:              statusLong,
		Example:           statusExample,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.place(cmd)
			if err != nil {
				return err
			}
			s := status{
				Store: p.named.Scheme, Origin: p.origin, Hosts: append([]string{}, p.named.Hosts...),
				Database: p.named.Database, Table: p.named.Table, Prefix: p.named.Prefix,
			}
			if err := a.with(cmd.Context(), p, func(store revocation.Feed) error { return a.read(cmd.Context(), store, &s) }); err != nil {
				return err
			}
			print := a.printTable
			if asJSON {
				print = a.printJSON
			}
			if err := print(s); err != nil {
				return problem{err}
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	addStoreFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// A status is how a store is.
type status struct {
	Store    string     `json:"store"`  // the URL's scheme
	Origin   string     `json:"origin"` // where the URL came from: --store or REVOCATION
	Hosts    []string   `json:"hosts"`  // these four: see storeurl.Place
	Database string     `json:"database"`
	Table    string     `json:"table"`
	Prefix   string     `json:"prefix"`
	Tokens   int        `json:"tokens"`   // these three: revoked, and not over
	Families int        `json:"families"` // those that are revoked as a whole
	Users    int        `json:"users"`
	Ended    int        `json:"ended"`            // not deleted yet
	Newest   *time.Time `json:"newest"`           // the last write that is still there; null: nothing is
	Question float64    `json:"question_seconds"` // the median of some
	Read     float64    `json:"read_seconds"`     // what a server that follows the store needs until it serves
	Full     bool       `json:"full"`             // there is more than such a server holds by default
}

// read fills in what the store says.
func (a *app) read(ctx context.Context, store revocation.Feed, s *status) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	c := &counted{Feed: store, app: a, status: s, told: time.Now()}
	start := time.Now()
	fleet, err := revocation.NewFleet(following, revocation.FleetConfig{
		Feed:      c,
		Staleness: time.Hour, // so that it reads once, and has as long for a call as the store itself
		OnPoll:    func(error) {},
	})
	if err != nil {
		return err
	}
	s.Read, s.Full = time.Since(start).Seconds(), fleet.Status().Full
	stop()
	s.Question, err = question(ctx, store)
	return err
}

// A counted feed counts what is read from it.
type counted struct {
	revocation.Feed
	app    *app
	status *status
	seen   int
	told   time.Time // when people were told how far reading is
}

func (c *counted) Changes(ctx context.Context, since int64, limit int) ([]revocation.Change, int64, error) {
	changes, next, err := c.Feed.Changes(ctx, since, limit)
	if err != nil {
		return changes, next, err
	}
	s := c.status
	if since == 0 { // it may begin again
		s.Tokens, s.Families, s.Users, s.Ended, c.seen = 0, 0, 0, 0, 0
	}
	for _, change := range changes {
		s.count(change, c.app.now())
	}
	if c.seen += len(changes); c.seen > 0 {
		newest := time.UnixMicro(next).UTC() // what the numbers of all stores are that have a URL
		s.Newest = &newest
	}
	if time.Since(c.told) >= c.app.patience {
		c.told = time.Now()
		c.app.say("%d read so far", c.seen)
	}
	return changes, next, nil
}

func (s *status) count(c revocation.Change, now time.Time) {
	switch {
	case c.UserID != "":
		s.Users++
	case !c.Until.IsZero() && c.Until.Add(revocation.Grace).Before(now):
		s.Ended++
	case c.Family != "":
		s.Families++
	default:
		s.Tokens++
	}
}

// question returns how long it takes to ask for a token that is not revoked, in seconds: the median of ten times.
func question(ctx context.Context, store revocation.Store) (float64, error) {
	var took [10]time.Duration
	for i := range took {
		start := time.Now()
		token := revocation.Token{Issuer: rand.Text(), ID: rand.Text(), UserID: rand.Text(), Family: rand.Text(), IssuedAt: start}
		if _, err := store.Revoked(ctx, token); err != nil {
			return 0, err
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took[:])
	return (took[len(took)/2-1] + took[len(took)/2]).Seconds() / 2, nil
}

func (a *app) printJSON(s status) error {
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

func (a *app) printTable(s status) error {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "store\t%s, by %s\n", s.Store, s.Origin)
	for _, line := range []struct{ name, value string }{
		{"host", strings.Join(s.Hosts, ", ")}, {"database", s.Database}, {"table", s.Table}, {"prefix", s.Prefix},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "%s\t%s\n", line.name, diag.Printable(line.value))
		}
	}
	fmt.Fprintf(w, "tokens\t%d\nfamilies\t%d\nusers\t%d\n", s.Tokens, s.Families, s.Users)
	fmt.Fprintf(w, "ended\t%d, not deleted yet\n", s.Ended)
	newest := "-"
	if s.Newest != nil {
		newest = s.Newest.Format(time.RFC3339)
	}
	fmt.Fprintf(w, "newest\t%s\n", newest)
	fmt.Fprintf(w, "question\t%s, the median of 10\n", span(s.Question))
	fmt.Fprintf(w, "reading\t%s for all\n", span(s.Read))
	if s.Full {
		fmt.Fprintln(w, "full\tthere is more than a server that follows holds by default (FleetConfig.MaxEntries)")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := a.stdout.Write(b.Bytes())
	return err
}

func span(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond).String()
}
