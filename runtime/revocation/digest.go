package revocation

import "hash/maphash"

// key names an entry. As a struct of two strings it cannot be forged by moving
// characters from one to the other.
type key struct{ issuer, name string }

// A digester makes digests of 128 bits, by seeds that are new in each and that
// nobody learns: so strangers cannot choose names whose digests are the same, or crowd
// one place of a table. Should two names ever have the same digest, they share the
// greater number that is stored with it: what was revoked stays so, and a token that
// was not is refused.
type digester struct {
	issuers         maphash.Seed
	firsts, seconds [users + 1]maphash.Seed // by kind
}

func newDigester() *digester {
	d := &digester{issuers: maphash.MakeSeed()}
	for k := range d.firsts {
		d.firsts[k], d.seconds[k] = maphash.MakeSeed(), maphash.MakeSeed()
	}
	return d
}

func (d *digester) issuer(issuer string) uint64 { return maphash.String(d.issuers, issuer) }

// first returns the first half of a digest, which is also where an entry belongs. It
// is never zero. It is made of two parts since the same issuer is asked for several
// times; the second half is of the whole.
func (d *digester) first(kind kind, name string, issuer uint64) uint64 {
	return max(maphash.String(d.firsts[kind], name)^issuer, 1)
}

func (d *digester) second(kind kind, k key) uint64 {
	return maphash.Comparable(d.seconds[kind], k)
}
