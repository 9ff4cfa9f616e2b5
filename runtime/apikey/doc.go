// Package apikey authenticates requests by API keys: from the configuration, from
// a table of a SQL database, or from wherever a function of yours finds them.
//
// # The keys
//
// [Generate] makes keys of this form:
//
//	acme_tGc3uXYzmD9wQ0Lb_8rS2vKqJ5nXhWcT1oZyEaPfB7dLgMi1dSuwN
//	│    │                └ 178 random bits in base 62, and six digits of checksum
//	│    └ the key's id: 95 random bits in base 62; not a secret
//	└ the prefix, of your choice: two to twelve of a-z and 0-9
//
// By the prefix people and scanners for secrets see what it is that has leaked,
// and by the id which one; [Pattern] is a regular expression for them. The
// checksum (CRC-32 of all that stands before it) tells a key from what looks like
// one, and refuses a typing error before anything is looked up. It proves
// nothing: anybody can compute it.
//
// Keys of any other form are accepted, too, where they stand in [Config.Keys].
// Give out keys of at least 128 random bits: what is kept of a key is its SHA-256
// digest, without salt and stretching, which protects nothing that can be guessed.
//
// # Where they are kept
//
// [Config.Keys] are the keys of a configuration, [Config.Lookup] finds all
// others by their ids. [SQL] has a Lookup in a table, that the command
// boltauthgen key works on, too. Whoever reads the table finds digests, ids, and
// nothing to authenticate with. A Lookup of your own, or one around that of
// [SQL], is the place to ask about the owner: it is called for each request, and
// what it returns is what the key may do.
//
//	Lookup: func(ctx context.Context, id string) (apikey.Record, error) {
//		record, err := keys.Lookup(ctx, id)
//		if err != nil {
//			return record, err
//		}
//		owner, err := users.Load(ctx, record.Owner)
//		if err != nil {
//			return record, err // as any error but ErrUnknown: 503
//		}
//		if !owner.Active {
//			return record, apikey.ErrUnknown
//		}
//		record.Permissions = onlyThoseOf(owner, record.Permissions)
//		return record, nil
//	}
//
// # Rotation
//
// A key has one id for its life, and so one user id, and up to two texts: when
// it is rotated the old one holds for an overlap, so that nobody has to change
// all of its users in one instant. [Record.PreviousUsed] says whether somebody
// still sends it. Keys of a configuration rotate as two entries, with ids of their
// own and one owner.
//
// # What a refusal tells
//
// Unknown, wrong, expired, revoked and not yet valid keys get one answer, and cost
// the same comparisons: an id that nobody has is compared with a record that no
// key matches. What is left is the difference in time that the source itself
// makes between a row that is there and one that is not. It tells that an id
// exists, which is no secret. Only a key of another form, or with a checksum that
// is wrong, is refused sooner; whoever sends it knows that already.
//
// No error, log line or principal of this package holds a key or a part of its
// secret.
package apikey
