package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/boltauthgen/boltauthgen/bench"
)

// A result is what a row took, in each round.
type result struct {
	name         string
	measurements []measurement
}

// measure drives all rows in rounds, one row after the other in each, so that what the machine does beside it meets all of them alike.
func measure(ctx context.Context, s settings, rows []bench.Row) (results []result, err error) {
	var targets []*target
	defer func() {
		for _, t := range targets {
			err = errors.Join(err, t.stop())
		}
	}()
	for _, row := range rows {
		t, err := newTarget(ctx, s, row)
		if err != nil {
			return nil, fmt.Errorf("row %s: %w", row.Name, err)
		}
		targets = append(targets, t)
		results = append(results, result{name: row.Name})
	}
	for round := range s.rounds + 1 {
		for i, t := range targets {
			m, err := t.load(ctx, s.requests)
			if err != nil {
				return nil, fmt.Errorf("row %s: %w", rows[i].Name, err)
			}
			if round > 0 { // the first is for warming up
				results[i].measurements = append(results[i].measurements, m)
			}
		}
	}
	return results, nil
}

// report prints each row relative to the first one, as the median of the rounds: each round is compared with itself.
func report(out io.Writer, results []result) error {
	table := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table, "| row\t| CPU on the wire / bare\t| requests/s / bare\t|")
	fmt.Fprintln(table, "| ---\t| ---\t| ---\t|")
	bare := results[0].measurements
	for _, r := range results {
		var processor, rate []float64
		for i, m := range r.measurements {
			processor = append(processor, float64(m.processor)/float64(bare[i].processor))
			rate = append(rate, float64(bare[i].elapsed)/float64(m.elapsed))
		}
		fmt.Fprintf(table, "| %s\t| %.2f\t| %.2f\t|\n", r.name, median(processor), median(rate))
	}
	return table.Flush()
}

// median returns the median of numbers, of which there is at least one.
func median(numbers []float64) float64 {
	slices.Sort(numbers)
	return (numbers[(len(numbers)-1)/2] + numbers[len(numbers)/2]) / 2
}
