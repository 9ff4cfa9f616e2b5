package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

const listLong = `List prints the keys, the oldest first: those that hold, and those that are over.
It shows neither keys nor digests. Uses are saved by servers about once a minute,
if they are made with Config.SaveUses.`

const listExample = `  # Those of one owner:
  boltauthgen key list --db sqlite:app.db --owner 7

  # Keys that nobody has used since September, with jq:
  boltauthgen key list --db sqlite:app.db --json |
      jq -r '.[] | select((.used // .created) < "2026-09") | .id'`

func (a *app) listCommand(o *options) *cobra.Command {
	var owner string
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "list --db sqlite:PATH",
		Short:             "Print the keys, without what is secret",
		Long:              listLong,
		Example:           listExample,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			print := a.printTable
			if asJSON {
				print = a.printJSON
			}
			return o.store(cmd.Context(), func(store *apikey.SQL) error {
				items, err := a.items(cmd.Context(), store, owner)
				if err != nil {
					return err
				}
				if err := print(items); err != nil {
					return problem{err}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "`ID` of the user whose keys to print (default all)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON list")
	complete(cmd, "owner", cobra.NoFileCompletions)
	return cmd
}

// An item is a key as it is listed. It has nothing that is secret.
type item struct {
	ID              string     `json:"id"`
	Prefix          string     `json:"prefix"`
	Name            string     `json:"name"`
	Owner           string     `json:"owner"`
	Permissions     []string   `json:"permissions"`
	Scopes          []string   `json:"scopes"`
	State           string     `json:"state"` // live, early, expired, revoked
	Created         time.Time  `json:"created"`
	NotBefore       *time.Time `json:"not_before"`
	Expires         *time.Time `json:"expires"`
	Revoked         *time.Time `json:"revoked"`
	Used            *time.Time `json:"used"`
	PreviousExpires *time.Time `json:"previous_expires"` // of the text before the last rotation
	PreviousUsed    *time.Time `json:"previous_used"`
}

func (a *app) items(ctx context.Context, store *apikey.SQL, owner string) ([]item, error) {
	items := []item{}
	now := a.now()
	for r, err := range store.List(ctx, owner) {
		if err != nil {
			return nil, problem{err}
		}
		items = append(items, item{
			ID: r.ID, Prefix: r.Prefix, Name: r.Name, Owner: r.Owner,
			Permissions: append([]string{}, r.Permissions...), Scopes: append([]string{}, r.Scopes...),
			State: state(r, now), Created: r.Created.UTC(),
			NotBefore: orNil(r.NotBefore), Expires: orNil(r.Expires), Revoked: orNil(r.Revoked), Used: orNil(r.Used),
			PreviousExpires: orNil(r.PreviousExpires), PreviousUsed: orNil(r.PreviousUsed),
		})
	}
	return items, nil
}

func state(r apikey.Record, now time.Time) string {
	switch {
	case !r.Revoked.IsZero():
		return "revoked"
	case !r.Expires.IsZero() && !now.Before(r.Expires):
		return "expired"
	case now.Before(r.NotBefore):
		return "early"
	}
	return "live"
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (a *app) printJSON(items []item) error {
	e := json.NewEncoder(a.stdout)
	e.SetIndent("", "  ")
	return e.Encode(items)
}

func (a *app) printTable(items []item) error {
	if len(items) == 0 {
		a.say("there are no keys")
		return nil
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tEXPIRES\tUSED\tOLD TEXT\tOWNER\tNAME\tPERMISSIONS\tSCOPES")
	for _, i := range items {
		cells := []string{
			i.ID, i.State, cell(i.Expires, "never"), cell(i.Used, "-"), oldText(i, a.now()),
			i.Owner, i.Name, strings.Join(i.Permissions, ","), strings.Join(i.Scopes, ","),
		}
		for j, c := range cells {
			if cells[j] = diag.Printable(c); c == "" {
				cells[j] = "-"
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := a.stdout.Write(b.Bytes())
	return err
}

func cell(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.Format("2006-01-02 15:04")
}

// oldText says for how long a text from before a rotation holds, and whether somebody has used it.
func oldText(i item, now time.Time) string {
	if i.State != "live" || i.PreviousExpires == nil || !now.Before(*i.PreviousExpires) {
		return "-"
	}
	return "until " + cell(i.PreviousExpires, "") + ", used " + cell(i.PreviousUsed, "never")
}

// completeIDs completes ids of keys that are not revoked, up to so many, or any number if that is negative. What a
// key is for stands beside its id.
func completeIDs(o *options, most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) (ids []cobra.Completion, _ cobra.ShellCompDirective) {
		if most < 0 || len(args) < most {
			_ = o.store(cmd.Context(), func(store *apikey.SQL) error { // where it fails, there is nothing to complete
				for r, err := range store.List(cmd.Context(), "") {
					if err == nil && r.Revoked.IsZero() && strings.HasPrefix(r.ID, word) {
						ids = append(ids, cobra.CompletionWithDesc(r.ID, diag.Printable(strings.TrimSpace(r.Owner+" "+r.Name))))
					}
				}
				return nil
			})
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}
