package jwtauth

import (
	"errors"
	"slices"
	"strings"
)

// NoClaim as a name in [ClaimNames] says that no claim has this meaning:
// whatever the issuer writes, nobody is staff, say.
const NoClaim = "-"

// ClaimNames are the names of claims that say who a user is and what they may
// do. Empty fields mean django-bolt's names. A claim whose meaning is given to
// another one has none.
type ClaimNames struct {
	// UserID is the claim that holds the user's id: sub. Any other one may hold a
	// positive whole number as well as a string: simplejwt's user_id, for example.
	UserID string

	// Permissions is the claim that holds a list of the names of permissions:
	// permissions. Several identity providers use roles or groups.
	Permissions string

	// Scope is the claim that holds the OAuth 2.0 scopes as a string or a list:
	// scope. Several identity providers use scp.
	Scope string

	Staff     string // true or false: is_staff
	Superuser string // true or false: is_superuser
}

// claimNames are ClaimNames without empty ones, and what else decides about the
// meaning of claims.
type claimNames struct {
	userID  string
	renamed bool // whether any name is another one than usual
	renames []rename
	refresh bool // whether refresh tokens are read, and no others
}

// A rename gives the meaning of a usual name to another one.
type rename struct{ name, usual string }

// usualNames are those that claims have if nothing else is said.
var usualNames = claimNames{userID: "sub"}

// resolve returns the names, or an error that names the field that is wrong.
func (n ClaimNames) resolve() (claimNames, error) {
	names := usualNames
	names.userID = orDefault(n.UserID, "sub")
	var problems []error
	for _, field := range []struct{ setting, name, usual string }{
		{"UserID", n.UserID, "sub"},
		{"Permissions", n.Permissions, "permissions"},
		{"Scope", n.Scope, "scope"},
		{"Staff", n.Staff, "is_staff"},
		{"Superuser", n.Superuser, "is_superuser"},
	} {
		if field.name == "" || field.name == field.usual {
			continue
		}
		problems = append(problems, named("Claims."+field.setting, names.add(field.name, field.usual)))
	}
	names.renamed = len(names.renames) > 0
	return names, errors.Join(problems...)
}

func (n *claimNames) add(name, usual string) error {
	switch {
	case name == NoClaim && usual == "sub":
		return errors.New("somebody must have sent the token")
	case name != NoClaim && (slices.Contains(knownClaims, name) || name == "type"): // see setPurpose
		return errors.New("the claim " + name + " has a meaning of its own")
	case name != NoClaim && slices.ContainsFunc(n.renames, func(r rename) bool { return strings.EqualFold(r.name, name) }):
		return errors.New("the claim " + name + " has another meaning already")
	}
	n.renames = append(n.renames, rename{name, usual})
	return nil
}

// meaning returns the usual name of what a claim means, and "" if it has lost
// its meaning to another.
func (n *claimNames) meaning(name string) string {
	for _, r := range n.renames {
		if name == r.name && name != NoClaim {
			return r.usual
		}
	}
	for _, r := range n.renames {
		if name == r.usual {
			return ""
		}
	}
	return name
}

// isLookalike reports whether a name that has no meaning could be taken for one
// that has, by a reader that ignores the case of letters.
func (n *claimNames) isLookalike(name string) bool {
	return slices.ContainsFunc(n.renames, func(r rename) bool { return r.name != NoClaim && strings.EqualFold(r.name, name) })
}
