package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/internal/cli"
	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const revokeLong = `Revoke ends one token, all tokens of a user, all tokens that descend from one login,
or an API key. Servers that ask the store refuse them from then on; those that follow
it (revocation.Fleet) do within their bound.

` + storeHelp + `

What is revoked is that of one issuer: --issuer is the tokens' claim iss, letter by
letter. Without it only tokens that have no iss are ended.

--jti and --family are the claims jti and fam; a token itself is not wanted. --user
is the id that servers have for the user: the claim sub, behind the UserIDPrefix
if there is one. It ends what was issued until now, or until --before.

--key is the id of an API key: what stands between its underscores, or the ID that a
configuration gives it; the key itself is not wanted, and neither is --issuer. With
--issuer ` + apikey.Issuer + ` and --user OWNER all keys of an owner end that
were made until now, or until --before, and those of a configuration. It is servers
whose apikey.Config has a Revocation that ask about keys.

The entry of a token, a family or a key is kept for good, unless --expires says when
the last of these tokens, or the key, is over. That of a user stays. Nothing here undoes
it. Instants are like 2027-01-31T12:00:00Z, and days begin in UTC.

It says "revoked" once the store has it and knows it. If it fails, do it again:
that does no harm.

Exit codes: 0 revoked, 1 the store is not there, could not be opened or did not do
it, 2 the call was wrong.`

const revokeExample = `  # The password stays out of the history:
  read -rs REVOCATION && export REVOCATION

  # In a Redis, of whose replicas one must have it as well:
  boltauthgen revoke --store 'redis://10.0.0.5/0?replicas=1' --issuer https://auth.example --jti 5f0c81d2

  # One token, which would have ended within 90 days:
  boltauthgen revoke --issuer https://auth.example --jti 5f0c81d2 --expires 90d

  # All that user 42 has; they log in again:
  boltauthgen revoke --issuer https://auth.example --user 42

  # What was issued to them before their password was changed:
  boltauthgen revoke --issuer https://auth.example --user 42 --before 2027-01-31T12:00:00Z

  # The API key acme_tGc3uXYzmD9wQ0Lb_...:
  boltauthgen revoke --key tGc3uXYzmD9wQ0Lb

  # All API keys of user 42:
  boltauthgen revoke --issuer ` + apikey.Issuer + ` --user 42`

// A request is what the flags of revoke ask for.
type request struct {
	jti, user, family, key string
	issuer                 string
	expires, before        string
}

func (a *app) revokeCommand() *cobra.Command {
	var r request
	cmd := &cobra.Command{
		Use:               "revoke --store URL (--jti ID | --user ID | --family ID | --key ID)",
		Short:             "End tokens and API keys before their time",
		Long:              revokeLong,
		Example:           revokeExample,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			change, err := r.change(cmd, a.now())
			if err != nil {
				return err
			}
			store, err := a.place(cmd)
			if err != nil {
				return err
			}
			return a.revoke(cmd, store, change)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addStoreFlag(cmd)
	flags.StringVar(&r.jti, "jti", "", "`ID` of one token: its claim jti")
	flags.StringVar(&r.user, "user", "", "`ID` of a user")
	flags.StringVar(&r.family, "family", "", "`ID` of a family: the claim fam of the tokens of one login")
	flags.StringVar(&r.key, "key", "", "`ID` of an API key: what stands between its underscores")
	flags.StringVar(&r.issuer, "issuer", "", "the claim `ISS` of the tokens (default none: tokens without one)")
	flags.StringVar(&r.expires, "expires", "never", "`WHEN` the last of these is over: 90d, 12h, 2027-01-31 or an instant")
	flags.StringVar(&r.before, "before", "", "`WHEN` the user's last token was issued that is to end: 2027-01-31 or an instant (default now)")
	for _, flag := range []string{"jti", "user", "family", "key", "issuer", "expires", "before"} {
		complete(cmd, flag, cobra.NoFileCompletions)
	}
	return cmd
}

// change returns what is to be revoked.
func (r request) change(cmd *cobra.Command, now time.Time) (c revocation.Change, err error) {
	flags := cmd.Flags()
	if err := r.check(cmd); err != nil {
		return c, err
	}
	c = revocation.Change{Issuer: r.issuer, ID: r.jti, UserID: r.user, Family: r.family}
	if r.key != "" {
		c.Issuer, c.ID = apikey.Issuer, r.key
	}
	if c.UserID != "" {
		if flags.Changed("expires") {
			return c, errors.New("--expires is none of --user: such an entry stays\nfor what was issued until an instant there is --before")
		}
		c.Before, err = parseBefore(flags.Changed("before"), r.before, now)
		return c, err
	}
	if flags.Changed("before") {
		return c, errors.New("--before belongs to --user alone")
	}
	c.Until, err = cli.ParseExpiry(r.expires, now)
	return c, err
}

// jws is how a token looks.
var jws = regexp.MustCompile(`^\s*(?i:bearer\s+)?eyJ[\w-]*\.[\w-]*\.[\w-]*\s*$`)

// check refuses a request that is not about one thing.
func (r request) check(cmd *cobra.Command) error {
	given := 0
	for name, value := range map[string]string{"jti": r.jti, "user": r.user, "family": r.family, "key": r.key} {
		if !cmd.Flags().Changed(name) {
			continue
		}
		given++
		if err := checkID(name, value); err != nil {
			return err
		}
	}
	switch {
	case given != 1:
		return fmt.Errorf("one of --jti, --user, --family and --key is wanted, not %d of them", given)
	case r.key != "" && cmd.Flags().Changed("issuer"):
		return errors.New("--issuer is none of --key: the issuer of all API keys is " + apikey.Issuer)
	}
	return nil
}

// checkID refuses what cannot be an id, and does not show it: it may be a secret.
func checkID(flag, value string) error {
	_, _, notKey := apikey.Parse(strings.TrimSpace(value))
	switch {
	case value == "":
		return fmt.Errorf("--%s is empty", flag)
	case jws.MatchString(value):
		return fmt.Errorf("--%s: that is a whole token, which is now in the shell's history\nits claim jti, fam or sub is wanted", flag)
	case notKey == nil || flag == "key" && secret.MatchString(value):
		return fmt.Errorf("--%s: that is an API key or a part of one, which is now in the shell's history\n"+
			"--key wants its id, which is the part between the underscores", flag)
	case flag == "key" && (len(value) > 255 || strings.ContainsFunc(value, notVisible)):
		return errors.New("--key: that is no id of a key, which is the part between the underscores")
	}
	return nil
}

// secret is how what is no id of an API key looks: more than its id, even if it is cut or mistyped, or its secret alone.
var secret = regexp.MustCompile(`_[0-9A-Za-z]{16}_|[0-9A-Za-z]{33}`)

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// parseBefore reads until when that was issued which is to be revoked. The future is refused: the user could not log in
// until then, and nothing would undo it.
func parseBefore(given bool, text string, now time.Time) (time.Time, error) {
	if !given {
		return now, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
		case t.After(now):
			return t, fmt.Errorf("--before %s: that is in the future\nthe user could not log in until then, and nothing would undo it", text)
		case t.IsZero():
			return t, fmt.Errorf("--before %s: that is too early", text)
		default:
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--before %s: neither a day, as 2027-01-31, nor an instant, as 2027-01-31T12:00:00Z", text)
}

var errNotKnown = errors.New("the store has acknowledged it, and does not know it")

// revoke makes a change in a store, asks the store for it, and only then says that it is done.
func (a *app) revoke(cmd *cobra.Command, p place, c revocation.Change) error {
	first := false
	err := a.with(cmd.Context(), p, func(store *storeurl.Store) error {
		changes, _, err := store.Changes(cmd.Context(), 0, 1)
		first = err == nil && len(changes) == 0 // where it cannot be read, it may still be written
		if err := revokeIn(cmd.Context(), store, c); err != nil {
			return fmt.Errorf("not known to be revoked: %w\ncall it again: that does no harm", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.warn(cmd, c, first)
	_, err = fmt.Fprintf(a.stdout, "revoked: %s\nstore: %s\nkept: %s\n", diag.Printable(what(c)), p, kept(c))
	if err != nil {
		return problem{fmt.Errorf("it is revoked, but that could not be printed: %w", err)}
	}
	return nil
}

func revokeIn(ctx context.Context, store revocation.Store, c revocation.Change) error {
	if err := c.Apply(ctx, store); err != nil {
		return err
	}
	known, err := store.Revoked(ctx, revocation.Token{
		Issuer: c.Issuer, ID: c.ID, UserID: c.UserID, Family: c.Family, IssuedAt: c.Before, Expires: c.Until,
	})
	if err == nil && !known {
		err = errNotKnown
	}
	return err
}

// warn says what may have been meant otherwise.
func (a *app) warn(cmd *cobra.Command, c revocation.Change, first bool) {
	if flag := cmd.Flag("key"); flag.Changed && !made.MatchString(c.ID) {
		a.say("note: no key has that id that was made by boltauthgen key; is it one of a configuration?")
	}
	if c.Issuer == "" && !cmd.Flags().Changed("issuer") {
		a.say("note: only tokens without a claim iss; are yours of an issuer? then say which, with --issuer")
	}
	if first {
		a.say("note: nothing was revoked in this store before; is it the one that the servers use?")
	}
}

// made are the ids that are made for API keys.
var made = regexp.MustCompile(`^[0-9A-Za-z]{16}$`)

// what tells people what was revoked.
func what(c revocation.Change) string {
	kind, issuer := "token", "of no issuer"
	switch c.Issuer {
	case "":
	case apikey.Issuer:
		kind, issuer = "API key", "of issuer "+apikey.Issuer
	default:
		issuer = fmt.Sprintf("of issuer %q", c.Issuer)
	}
	switch {
	case c.UserID != "":
		return fmt.Sprintf("all %ss of user %q, %s, that were issued until %s", kind, c.UserID, issuer, c.Before.UTC().Format(time.RFC3339))
	case c.Family != "":
		return fmt.Sprintf("all tokens of family %q, %s", c.Family, issuer)
	}
	return fmt.Sprintf("%s %q, %s", kind, c.ID, issuer)
}

// kept tells people for how long the store keeps it. It may have been told of a later end before.
func kept(c revocation.Change) string {
	switch {
	case c.UserID != "":
		return "for good"
	case c.Until.IsZero() && c.Issuer == apikey.Issuer:
		return "for good; --expires says when the key is over"
	case c.Until.IsZero():
		return "for good; --expires says when the last of these tokens is over"
	}
	return "until " + cli.Shown(c.Until) + " at least"
}
