package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const statusLong = `Status reads all that is revoked, as a server does that follows the store
(revocation.Fleet), and tells how many entries there are, when the last one was
written, how long a question takes, and how long reading does. It writes nothing.

` + storeHelp + `

Exit codes: 0 all is well, 1 the store is not there, could not be opened or did
not answer, 2 the call was wrong.`

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
			s := status{Store: p.scheme(), Origin: p.origin}
			if err := a.with(cmd.Context(), p, func(store *storeurl.Store) error { return a.read(cmd.Context(), store, &s) }); err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(s)
			}
			return a.printTable(s)
		},
	}
	cmd.Flags().SortFlags = false
	addStoreFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// A status is how a store is.
type status struct {
	Store    string     `json:"store"`    // the URL's scheme
	Origin   string     `json:"origin"`   // where the URL came from: --store or REVOCATION
	Tokens   int        `json:"tokens"`   // these three: revoked, and not over
	Families int        `json:"families"` // those that are revoked as a whole
	Users    int        `json:"users"`
	Over     int        `json:"over"`             // not deleted yet
	Newest   *time.Time `json:"newest"`           // the last write that is still there; null: nothing is
	Question float64    `json:"question_seconds"` // the median of some
	Read     float64    `json:"read_seconds"`     // what a server that follows the store needs until it serves
	Lag      *float64   `json:"lag_seconds"`      // how far it is behind when it has just read; null with full
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
	now := fleet.Status()
	stop()
	s.Read, s.Full = time.Since(start).Seconds(), now.Full
	if now.Lag != math.MaxInt64 {
		lag := now.Lag.Seconds()
		s.Lag = &lag
	}
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
		s.Tokens, s.Families, s.Users, s.Over, c.seen = 0, 0, 0, 0, 0
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
		s.Over++
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
	fmt.Fprintf(w, "tokens\t%d\nfamilies\t%d\nusers\t%d\n", s.Tokens, s.Families, s.Users)
	fmt.Fprintf(w, "over\t%d, not deleted yet\n", s.Over)
	newest := "-"
	if s.Newest != nil {
		newest = s.Newest.Format(time.RFC3339)
	}
	fmt.Fprintf(w, "newest\t%s\n", newest)
	fmt.Fprintf(w, "question\t%s, the median of 10\n", span(s.Question))
	fmt.Fprintf(w, "reading\t%s for all\n", span(s.Read))
	lag := "for ever: there is more than a server that follows holds by default (FleetConfig.MaxEntries)"
	if s.Lag != nil {
		lag = span(*s.Lag) + ", when all has just been read"
	}
	fmt.Fprintf(w, "lag\t%s\n", lag)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := a.stdout.Write(b.Bytes())
	return err
}

func span(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond).String()
}
