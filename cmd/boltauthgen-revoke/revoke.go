package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/boltauthgen/boltauthgen/gen/diag"
	"github.com/boltauthgen/boltauthgen/internal/cli"
	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const revokeLong = `Revoke ends one token, all tokens that descend from one login, all tokens of a user, or
an API key. Servers that ask the store refuse them from then on; those that follow
it (revocation.Fleet) do within their bound.

` + storeHelp + `

What is revoked is that of one issuer: --issuer is the tokens' claim iss, letter by
letter, and '' if they have none.

--jti ends one access token, by its claim jti; a token itself is not wanted. Whoever has
the refresh token of the same login gets the next one. --family ends the login: all its
tokens, which have its id as their claim fam.

--user ends all tokens of a user that this issuer has issued until now, or until
--before. The id is the one that servers have for the user: the claim sub, behind the
UserIDPrefix if there is one. It ends no sessions, which session.Backend.EndUser does or
what else the application has for it, and no API keys.

--key is the id of an API key: what stands between its underscores, or the ID that a
configuration gives it; the key itself is not wanted, and neither is --issuer. With
--issuer ` + apikey.Issuer + ` and --user OWNER all keys of an owner end that
were made until now, or until --before, and those of a configuration. It is servers
whose apikey.Config has a Revocation that ask about keys.

The entry of a token, a family or a key is kept for good, unless --expires says when
the last of these tokens, or the key, is over. That of a user stays. Nothing here undoes
it. Instants are like 2027-01-31T12:00:00Z, and days begin in UTC.

It says "revoked" once the store has it and knows it.

Exit codes: 0 revoked, 1 the store did not do it, 2 the call was wrong, or the store is
not there or could not be opened.`

const revokeExample = `  # The password stays out of the history:
  read -rs REVOCATION && export REVOCATION

  # One login, with all that is still issued for it: the claim fam of its tokens:
  boltauthgen revoke --issuer https://auth.example --family 9d1ef0aa

  # One access token, which would have ended within an hour; its login goes on:
  boltauthgen revoke --issuer https://auth.example --jti 5f0c81d2 --expires 1h

  # The same for tokens without a claim iss:
  boltauthgen revoke --issuer '' --jti 5f0c81d2

  # All tokens of user 42; they log in again:
  boltauthgen revoke --issuer https://auth.example --user 42

  # What was issued to them before their password was changed:
  boltauthgen revoke --issuer https://auth.example --user 42 --before 2027-01-31T12:00:00Z

  # In a Redis, of whose replicas one must have it as well:
  boltauthgen revoke --store 'redis://10.0.0.5/0?replicas=1' --issuer https://auth.example --user 42

  # The API key acme_tGc3uXYzmD9wQ0Lb_...:
  boltauthgen revoke --key tGc3uXYzmD9wQ0Lb

  # All API keys of user 42:
  boltauthgen revoke --issuer ` + apikey.Issuer + ` --user 42`

// A request is what the flags of revoke ask for.
type request struct {
	jti, user, family, key once
	issuer                 once
	expires, before        once
}

// once is a flag's value that knows how often it was given: of what is to be revoked nothing is dropped without a word.
type once struct {
	text  string
	times int
}

func (o *once) Set(text string) error { o.text = text; o.times++; return nil }
func (o *once) String() string        { return o.text }
func (o *once) Type() string          { return "string" }

func (a *app) revokeCommand() *cobra.Command {
	var r request
	cmd := &cobra.Command{
		Use:               "revoke --store URL (--issuer ISS (--jti ID | --family ID | --user ID) | --key ID)",
		Short:             "End tokens and API keys before their time",
		Long:              revokeLong,
		Example:           revokeExample,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			change, err := r.change(a.now())
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
	r.expires.text = "never"
	for _, flag := range []struct {
		value *once
		name  string
		usage string
	}{
		{&r.issuer, "issuer", "the claim `ISS` of the tokens, '' if they have none; required, but not with --key"},
		{&r.jti, "jti", "`ID` of one access token: its claim jti; the login's refresh token gets the next one"},
		{&r.family, "family", "`ID` of one login with all its tokens: their claim fam"},
		{&r.user, "user", "`ID` of a user: all their tokens of this issuer until now, but no sessions and no API keys"},
		{&r.key, "key", "`ID` of an API key: what stands between its underscores"},
		{&r.expires, "expires", "`WHEN` the last of these is over: 90d, 12h, 2027-01-31 or an instant"},
		{&r.before, "before", "`WHEN` the user's last token was issued that is to end: 2027-01-31 or an instant (default now)"},
	} {
		flags.Var(flag.value, flag.name, flag.usage)
		complete(cmd, flag.name, cobra.NoFileCompletions)
	}
	return cmd
}

// change returns what is to be revoked.
func (r *request) change(now time.Time) (c revocation.Change, err error) {
	if err := r.check(); err != nil {
		return c, err
	}
	c = revocation.Change{Issuer: r.issuer.text, ID: r.jti.text, UserID: r.user.text, Family: r.family.text}
	if r.key.text != "" {
		c.Issuer, c.ID = apikey.Issuer, r.key.text
	}
	if c.UserID != "" {
		if r.expires.times > 0 {
			return c, errors.New("--expires is none of --user: such an entry stays\nfor what was issued until an instant there is --before")
		}
		c.Before, err = parseBefore(r.before.times > 0, r.before.text, now)
		return c, err
	}
	if r.before.times > 0 {
		return c, errors.New("--before belongs to --user alone")
	}
	c.Until, err = cli.ParseExpiry(r.expires.text, now)
	return c, err
}

// jws is how a token looks.
var jws = regexp.MustCompile(`^\s*(?i:bearer\s+)?eyJ[\w-]*\.[\w-]*\.[\w-]*\s*$`)

// check refuses a request that is not about one thing.
func (r *request) check() error {
	kinds := 0
	for _, id := range []struct {
		flag  string
		value once
	}{{"jti", r.jti}, {"family", r.family}, {"user", r.user}, {"key", r.key}} {
		switch {
		case id.value.times == 0:
			continue
		case id.value.times > 1:
			return fmt.Errorf("--%s is there %d times: one thing is revoked at a time, and nothing was", id.flag, id.value.times)
		}
		kinds++
		if err := checkID(id.flag, id.value.text, r.issuer.text); err != nil {
			return err
		}
	}
	switch {
	case kinds != 1:
		return fmt.Errorf("one of --jti, --family, --user and --key is wanted, not %d of them", kinds)
	case r.issuer.times > 1 || r.expires.times > 1 || r.before.times > 1:
		return errors.New("--issuer, --expires or --before is there more than once: which is meant?")
	case r.key.text != "" && r.issuer.times > 0:
		return errors.New("--issuer is none of --key: the issuer of all API keys is " + apikey.Issuer)
	case r.key.text == "" && r.issuer.times == 0:
		return errors.New("--issuer is missing: it is the claim iss of the tokens\nif they have none, it is --issuer ''")
	case unmatched(r.issuer.text):
		return errors.New("--issuer has white space at its ends, or control characters")
	}
	return nil
}

// checkID refuses what cannot be an id, or is that of something else. What may be a secret it does not show.
func checkID(flag, value, issuer string) error {
	_, _, notKey := apikey.Parse(strings.TrimSpace(value))
	switch {
	case value == "":
		return fmt.Errorf("--%s is empty", flag)
	case jws.MatchString(value):
		return fmt.Errorf("--%s: that is a whole token, which is now in the shell's history\nits claim jti, fam or sub is wanted", flag)
	case notKey == nil || flag == "key" && secret.MatchString(value):
		return fmt.Errorf("--%s: that is an API key or a part of one, which is now in the shell's history\n"+
			"--key wants its id, which is the part between the underscores", flag)
	case unmatched(value):
		return fmt.Errorf("--%s has white space at its ends, or control characters: no id has", flag)
	case flag == "key":
		return checkKeyID(value)
	case flag == "user" && issuer != apikey.Issuer && isPrincipal(value):
		return fmt.Errorf("--user: that is the principal of an API key, whose id is %s: --key %[1]s", value[len(principal):])
	}
	return nil
}

// principal begins the user ids of API keys.
const principal = "apikey:"

func isPrincipal(id string) bool {
	return len(id) > len(principal) && strings.EqualFold(id[:len(principal)], principal)
}

func checkKeyID(value string) error {
	named := prefixed.FindStringSubmatch(value)
	switch {
	case len(value) > 255 || strings.ContainsFunc(value, notVisible):
		return errors.New("--key: that is no id of a key, which is the part between the underscores")
	case isPrincipal(value):
		return fmt.Errorf("--key: that is how logs name the key, whose id is %s: --key %[1]s", value[len(principal):])
	case named != nil:
		return fmt.Errorf("--key: that is a key's prefix and its id, which is %s: --key %[1]s\n"+
			"if all of it is an ID in the servers' configuration, it is --issuer %s --jti %s", named[1], apikey.Issuer, value)
	}
	return nil
}

// prefixed is how a key begins that is made.
var prefixed = regexp.MustCompile(`^[0-9a-z]{2,12}_([0-9A-Za-z]{16})$`)

// unmatched reports whether no claim is that text: people bring along white space, and no issuer writes control characters.
func unmatched(text string) bool {
	return strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl)
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
	opened, first := false, false
	err := a.with(cmd.Context(), p, func(store revocation.Feed) error {
		opened = true
		changes, _, err := store.Changes(cmd.Context(), 0, 1)
		first = err == nil && len(changes) == 0 // where it cannot be read, it may still be written
		err = revokeIn(cmd.Context(), store, c)
		switch {
		case err == nil:
			return nil
		case storeurl.IsRefused(err):
			return fmt.Errorf("not known to be revoked: %w\nto call it again does not help: the store does not allow it", err)
		}
		return fmt.Errorf("not known to be revoked: %w\ncall it again: that does no harm", err)
	})
	switch {
	case errors.Is(err, errOpenTimeout):
		return fmt.Errorf("%w\nnothing was revoked: call it again when the store answers", err)
	case err != nil && !opened:
		return fmt.Errorf("%w\nnothing was revoked", err)
	case err != nil:
		return err
	}
	a.warn(cmd, c, first)
	_, err = fmt.Fprintf(a.stdout, "revoked: %s\nstore: %s\nkept: %s\n", diag.Printable(what(c)), diag.Printable(p.String()), kept(c))
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
	if cmd.Flag("key").Changed && !made.MatchString(c.ID) {
		a.say("note: this does not have the form of an id that boltauthgen key makes; " +
			"it is right only if it is an ID in the servers' configuration")
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
