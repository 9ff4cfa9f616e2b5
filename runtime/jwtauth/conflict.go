package jwtauth

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// ConflictsWith returns an error if the other backend is one of tokens, too, and
// trusts a key of the same issuer under other rules: what the one refuses, the
// other accepts, so a list that has both cannot be meant. It is asked when a
// guarded server is made.
func (b *Backend) ConflictsWith(other runtime.Authenticator) error {
	o, ok := other.(*Backend)
	if !ok || b == nil || o == nil {
		return nil
	}
	for _, t := range b.trusts {
		for _, u := range o.trusts {
			if !overlap(t, u) {
				continue
			}
			if rule := b.difference(o, t, u); rule != "" {
				return fmt.Errorf("both accept tokens of the issuer %q that one key has signed, under different rules: %s", t.issuer, rule)
			}
		}
	}
	return nil
}

// overlap reports whether there can be a token that both accept.
func overlap(t, u *trust) bool {
	if t.issuer != u.issuer && t.issuer != "" && u.issuer != "" {
		return false
	}
	return sameSet(t.keys, u.keys) && commonAlgorithm(t, u) || commonKey(t, u)
}

// sameSet reports whether two sets are one, or come from one address, where it
// may not be known yet which keys they have.
func sameSet(s, o KeySet) bool {
	r, ok := s.(*remoteKeys)
	q, also := o.(*remoteKeys)
	return s == o || ok && also && r.address == q.address
}

func commonAlgorithm(t, u *trust) bool {
	return slices.ContainsFunc(t.algorithms, func(name string) bool { return slices.Contains(u.algorithms, name) })
}

// commonKey reports whether a key is now in both sets for an algorithm that both
// accept.
func commonKey(t, u *trust) bool {
	k, err := t.keys.current()
	l, otherErr := u.keys.current()
	if errors.Join(err, otherErr) != nil {
		return false
	}
	for _, name := range t.algorithms {
		if !slices.Contains(u.algorithms, name) {
			continue
		}
		for _, v := range k.fitting[name] {
			if slices.ContainsFunc(l.fitting[name], func(w *verifier) bool { return v.identity == w.identity }) {
				return true
			}
		}
	}
	return false
}

// difference returns the setting in which the rules for two issuers differ, and
// "" if there is none. The algorithms may differ: what is accepted by one only is
// judged by its rules alone.
func (b *Backend) difference(o *Backend, t, u *trust) string {
	for _, rule := range []struct {
		setting string
		same    bool
	}{
		{"Issuer", t.issuer == u.issuer},
		{"Audience", sameTexts(t.audience, u.audience)},
		{"Type", t.typ == u.typ},
		{"MaxAge", t.maxAge == u.maxAge},
		{"Claims", reflect.DeepEqual(t.names, u.names)},
		{"UserIDPrefix", t.prefix == u.prefix},
		{"Others", sameTexts(t.foreign, u.foreign)}, // whose prefixes no id may begin with
		{"Leeway", b.leeway == o.leeway},
		{"RequireJTI", b.needID == o.needID},
		{"Revocation", b.revocations.Same(o.revocations)},
		{"Check", samePointer(b.check, o.check)},
	} {
		if !rule.same {
			return rule.setting
		}
	}
	return ""
}

// sameTexts reports whether two lists have the same elements, in any order.
func sameTexts(list, other []string) bool {
	list, other = slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(other))
	return slices.Equal(slices.Compact(list), slices.Compact(other))
}

// samePointer compares functions as far as that is possible: closures of one
// function literal are the same.
func samePointer(f, g any) bool { return reflect.ValueOf(f).Pointer() == reflect.ValueOf(g).Pointer() }
