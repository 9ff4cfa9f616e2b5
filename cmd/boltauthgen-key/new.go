package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/internal/cli"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

const initLong = `Init makes the table, where it is not there yet, and the file of the database. With
--print it prints the statements that do so instead, for your migrations.`

func (a *app) initCommand(o *options) *cobra.Command {
	var print bool
	cmd := &cobra.Command{
		Use:               "init --db sqlite:PATH",
		Short:             "Make the table",
		Long:              initLong,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := apikey.SQLiteSchema(o.table)
			if err != nil {
				return fmt.Errorf("--table: %w", err)
			}
			if print {
				_, err := fmt.Fprint(a.stdout, schema)
				return err
			}
			return o.create(cmd.Context(), schema)
		},
	}
	cmd.Flags().BoolVar(&print, "print", false, "print the SQL statements, and touch no database")
	return cmd
}

const newLong = `New makes a key and prints it, alone, to standard output. It cannot be printed
again: the table has its digest only. A key that got lost is rotated.

A key has no more permissions and scopes than those named here. Its user id is
"apikey:" and its id; the owner is the principal's claim "owner".`

const newExample = `  # For a job, into a file that nobody else reads:
  (umask 077; boltauthgen key new --db sqlite:app.db --name "nightly export" \
      --permission blog.view_article --expires 30d > export.key)

  # For user 7, from next year on, without an end:
  boltauthgen key new --db sqlite:app.db --owner 7 --scope read --scope write \
      --not-before 2027-01-01 --expires never`

// A request is what the flags of new ask for.
type request struct {
	name, owner         string
	permissions, scopes []string
	prefix              string
	expires, notBefore  string
}

func (a *app) newCommand(o *options) *cobra.Command {
	var r request
	cmd := &cobra.Command{
		Use:               "new --db sqlite:PATH",
		Short:             "Make a key and print it, once",
		Long:              newLong,
		Example:           newExample,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.newKey(cmd, *o, r) },
	}
	flags := cmd.Flags()
	flags.StringVar(&r.name, "name", "", "`TEXT` that says what the key is for")
	flags.StringVar(&r.owner, "owner", "", "`ID` of the user whose key it is; name or owner is required")
	flags.StringArrayVar(&r.permissions, "permission", nil, "`NAME` of a permission that the key has; repeatable")
	flags.StringArrayVar(&r.scopes, "scope", nil, "`NAME` of an OAuth 2.0 scope that the key has; repeatable")
	flags.StringVar(&r.expires, "expires", "90d", "`WHEN` the key ends: 90d, 12h, 2027-01-31, 2027-01-31T12:00:00Z or never")
	flags.StringVar(&r.notBefore, "not-before", "", "`WHEN` the key begins to hold, written like expires")
	flags.StringVar(&r.prefix, "prefix", "key", "`TEXT` that the key begins with: two to twelve of a-z and 0-9")
	for _, flag := range []string{"name", "owner", "permission", "scope", "expires", "not-before", "prefix"} {
		complete(cmd, flag, cobra.NoFileCompletions)
	}
	return cmd
}

func (a *app) newKey(cmd *cobra.Command, o options, r request) error {
	key, record, err := a.make(r)
	if err != nil {
		return err
	}
	return o.store(cmd.Context(), func(store *apikey.SQL) error {
		if err := store.Add(cmd.Context(), record); err != nil {
			return problem{err}
		}
		if err := a.print(key); err != nil {
			return err
		}
		a.say("key %s, expires: %s", key.ID, cli.Shown(record.Expires))
		a.say("it is shown this once: the database has its digest only")
		return nil
	})
}

// make returns a key with the record of it.
func (a *app) make(r request) (key apikey.Generated, record apikey.Record, err error) {
	if r.name == "" && r.owner == "" {
		return key, record, errors.New("--name and --owner are missing\nsay what the key is for or whose it is, or nobody will know next year")
	}
	now := a.now()
	record = apikey.Record{
		Name: r.name, Owner: r.owner, Permissions: r.permissions, Scopes: r.scopes, Prefix: r.prefix, Created: now,
	}
	if record.Expires, err = cli.ParseExpiry(r.expires, now); err != nil {
		return key, record, err
	}
	if r.notBefore != "" {
		if record.NotBefore, err = cli.ParseInstant(r.notBefore, now); err != nil {
			return key, record, fmt.Errorf("--not-before %s: %w", r.notBefore, err)
		}
	}
	if key, err = apikey.Generate(r.prefix); err != nil {
		return key, record, fmt.Errorf("--prefix %s: %w", r.prefix, err)
	}
	record.ID, record.SHA256 = key.ID, key.SHA256
	return key, record, record.Validate()
}

// print prints a key that is in the database by now.
func (a *app) print(key apikey.Generated) error {
	if _, err := fmt.Fprintln(a.stdout, key.Text); err != nil {
		return problemf("print key: %w\nkey %s is in the database, and nobody has seen it: rotate or revoke it", err, key.ID)
	}
	return nil
}
