package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/cli"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

const rotateLong = `Rotate replaces a key's text by a new one, and prints that to standard output, as
new does. The id, and so the user id, stays. The old text holds for the overlap, or
until the key would have ended; list says when it was used last. Where one text
is still in its overlap, rotating again ends it at once.`

const rotateExample = `  # The old text holds for a week:
  boltauthgen key rotate --db sqlite:app.db --overlap 7d tGc3uXYzmD9wQ0Lb > key.txt

  # The old text has leaked, and the key goes on for 90 days with a new one:
  boltauthgen key rotate --db sqlite:app.db --overlap 0s --expires 90d tGc3uXYzmD9wQ0Lb`

func (a *app) rotateCommand(o *options) *cobra.Command {
	var overlap, expires string
	cmd := &cobra.Command{
		Use:               "rotate --db sqlite:PATH ID",
		Short:             "Give a key a new text and print that, once",
		Long:              rotateLong,
		Example:           rotateExample,
		Args:              oneID,
		ValidArgsFunction: completeIDs(o, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			span, err := cli.ParseDuration(overlap)
			if err != nil {
				return fmt.Errorf("--overlap %s: %w", overlap, err)
			}
			return o.store(cmd.Context(), func(store *apikey.SQL) error {
				return a.rotate(cmd.Context(), store, args[0], span, expires)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&overlap, "overlap", "24h", "`SPAN` of time for which the old text still holds: 24h, 7d")
	flags.StringVar(&expires, "expires", "", "`WHEN` the key ends from now on: 90d, 2027-01-31 or never (default as before)")
	complete(cmd, "overlap", cobra.NoFileCompletions)
	complete(cmd, "expires", cobra.NoFileCompletions)
	return cmd
}

func (a *app) rotate(ctx context.Context, store *apikey.SQL, id string, overlap time.Duration, expires string) error {
	record, err := find(ctx, store, id)
	if err != nil {
		return err
	}
	now := a.now()
	end := record.Expires
	if expires != "" {
		if end, err = cli.ParseExpiry(expires, now); err != nil {
			return err
		}
	} else if !end.IsZero() && !end.After(now) {
		return problemf("key %s has ended on %s\nsay when it is to end now, as in --expires 90d", id, cli.Shown(end))
	}
	key, err := apikey.Regenerate(record.Prefix, id)
	if err != nil {
		return err
	}
	rotation := apikey.Rotation{ID: id, Old: record.SHA256, New: key.SHA256, OldExpires: now.Add(overlap), Expires: end}
	if err := store.Rotate(ctx, rotation); err != nil {
		return whyNot(id, err)
	}
	if err := a.print(key); err != nil {
		return err
	}
	old := rotation.OldExpires
	if !record.Expires.IsZero() && record.Expires.Before(old) {
		old = record.Expires
	}
	a.say("key %s, expires: %s; the old text holds until: %s", id, cli.Shown(end), cli.Shown(old))
	a.say("it is shown this once: the database has its digest only")
	return nil
}

// whyNot says of an error of the store what it means for a key.
func whyNot(id string, err error) error {
	switch {
	case errors.Is(err, apikey.ErrUnknown):
		return problemf("there is no key %s", id)
	case errors.Is(err, runtime.ErrRevoked):
		return problemf("key %s is revoked\nmake a new one", id)
	case errors.Is(err, apikey.ErrChanged):
		return problemf("somebody else has rotated key %s just now", id)
	}
	return problem{err}
}

func find(ctx context.Context, store *apikey.SQL, id string) (apikey.Record, error) {
	record, err := store.Lookup(ctx, id)
	if err != nil {
		return record, whyNot(id, err)
	}
	return record, nil
}

const revokeLong = `Revoke ends keys, with all their texts, for good. Servers see it at their next
lookup: at once, unless they remember records (Config.Remember).

Where servers share a store of revocations (Config.Revocation), a key is also ended by
boltauthgen revoke --key ID: on all servers, those too that remember records, and
whatever the database is that their keys are in.`

func (a *app) revokeCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:               "revoke --db sqlite:PATH ID...",
		Short:             "End keys for good",
		Long:              revokeLong,
		Example:           "  boltauthgen key revoke --db sqlite:app.db tGc3uXYzmD9wQ0Lb",
		Args:              someIDs,
		ValidArgsFunction: completeIDs(o, -1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return o.store(cmd.Context(), func(store *apikey.SQL) error { return a.revoke(cmd.Context(), store, ids) })
		},
	}
}

// revoke revokes all keys that are there, whatever the others are.
func (a *app) revoke(ctx context.Context, store *apikey.SQL, ids []string) error {
	var problems []error
	for _, id := range ids {
		record, err := find(ctx, store, id)
		if err == nil {
			if err = store.Revoke(ctx, id, a.now()); err != nil {
				err = whyNot(id, err)
			}
		}
		switch {
		case err != nil:
			problems = append(problems, err)
		case !record.Revoked.IsZero():
			a.say("key %s has been revoked since %s", id, cli.Shown(record.Revoked))
		default:
			a.say("key %s is revoked", id)
		}
	}
	return errors.Join(problems...)
}

// oneID accepts one id, and someIDs one or more.
func oneID(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("one id at a time, not %d", len(args))
	}
	return someIDs(cmd, args)
}

func someIDs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("the key's id is missing\nids are in the list, and between the underscores of a key")
	}
	for _, arg := range args {
		if _, id, err := apikey.Parse(arg); err == nil {
			return fmt.Errorf("that is a whole key, which is now in the shell's history\nits id is %s", id)
		}
		if _, err := apikey.Regenerate("key", arg); err != nil { // it may be nearly a key, so it is not shown
			return errors.New("an argument is not the id of a key: 16 of 0-9, A-Z and a-z, between the underscores")
		}
	}
	return nil
}
