// Command wire measures the rows of package bench on the wire: each is a server in a process of its own, under a load that is bounded
// in number and time. It prints what they cost relative to the bare handler.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/boltauthgen/boltauthgen/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "wire:", err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	rounds, requests, connections, tokens, procs int
	timeout                                      time.Duration
	only                                         string
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("wire", flag.ContinueOnError)
	flags.IntVar(&s.rounds, "rounds", 11, "`number` of rounds; each has every row once")
	flags.IntVar(&s.requests, "requests", 10_000, "`number` of requests to a row in a round")
	flags.IntVar(&s.connections, "connections", 8, "`number` of connections that are kept alive")
	flags.IntVar(&s.tokens, "tokens", 100, "`number` of different tokens")
	flags.IntVar(&s.procs, "procs", 1, "GOMAXPROCS of the servers")
	flags.DurationVar(&s.timeout, "timeout", 10*time.Minute, "give up after this `time`")
	flags.StringVar(&s.only, "rows", "", "the `names` of rows to measure beside bare, with commas between them (default all)")
	serve := flags.String("serve", "", "serve the row of this `name` until standard input ends; for wire itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.rounds < 1 || s.connections < 1 || s.requests < s.connections || s.tokens < 1 || s.procs < 1 {
		return fmt.Errorf("rounds, connections, tokens and procs must be 1 or more, requests at least as many as connections")
	}
	rows, err := bench.Rows()
	if err != nil {
		return err
	}
	if *serve != "" {
		for _, row := range rows {
			if row.Name == *serve {
				return serveRow(row, os.Stdin, out)
			}
		}
		return fmt.Errorf("no row %q", *serve)
	}
	if rows, err = s.choose(rows); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	results, err := measure(ctx, s, rows)
	if err != nil {
		return err
	}
	return report(out, results)
}

// choose returns the rows that are asked for. The bare handler, to which all others are compared, is always the first.
func (s settings) choose(rows []bench.Row) ([]bench.Row, error) {
	if s.only == "" {
		return rows, nil
	}
	chosen := rows[:1:1]
	for name := range strings.SplitSeq(s.only, ",") {
		found := false
		for _, row := range rows[1:] {
			if row.Name == name {
				chosen, found = append(chosen, row), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no row %q", name)
		}
	}
	return chosen, nil
}
