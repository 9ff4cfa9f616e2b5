package storeurl

import (
	"fmt"
	"strings"
)

// A Place is what a URL names, without users, passwords and parameters.
type Place struct {
	// Scheme is the URL's.
	Scheme string
	// Hosts are HOST:PORT each, in the URL's order, those of Sentinels if there are any. SQLite has none.
	Hosts []string
	// Database is a database's name, empty if it is the server that chooses, the absolute path of SQLite's file, or the
	// number that Redis has for it, empty for a Cluster.
	Database string
	// Table is that of a database, and Prefix that of Redis: what the URL says, or what is usual.
	Table, Prefix string
}

const (
	defaultTable  = "revocations"
	defaultPrefix = "boltauthgen:revocation"
)

// String tells people which place that is.
func (p Place) String() string {
	text := p.Scheme
	if p.Scheme == "sqlite" {
		return text + " " + p.Database + ", table " + p.Table
	}
	if len(p.Hosts) > 0 {
		text += " " + strings.Join(p.Hosts, ",")
	}
	for _, part := range []struct{ name, value string }{{"database", p.Database}, {"table", p.Table}, {"prefix", p.Prefix}} {
		if part.value != "" {
			text += ", " + part.name + " " + part.value
		}
	}
	return text
}

// database tells people in which database something is or is not.
func (p Place) database() string {
	hosts := strings.Join(p.Hosts, ",")
	switch {
	case p.Scheme == "sqlite":
		return p.Database
	case p.Database == "":
		return hosts
	}
	return fmt.Sprintf("database %s of %s", p.Database, hosts)
}

// noTable and noPrefix are the errors of a place whose server has no store there.

func (p Place) noTable() error {
	return fmt.Errorf("%w: there is no table %s in %s\nservers make it: is it another one? the URL names it by ?table=NAME",
		errNotThere, p.Table, p.database())
}

func (p Place) noPrefix() error {
	return fmt.Errorf("%w: nothing has the prefix %s in %s\nservers make it: is it another one? the URL names it by ?prefix=NAME"+
		"\nor the server has lost its data: then start the servers' program again, which makes the store anew",
		errNotThere, p.Prefix, p.database())
}

// noFile is the error of SQLite's file that is not there, whose path is written as in a URL.
func (p Place) noFile(written string) error {
	err := fmt.Errorf("%w: there is no file %s\nservers make it: is it the one that they use?", errNotThere, p.Database)
	if path := strings.TrimLeft(written, "/"); strings.HasPrefix(written, "//") && path != "" {
		err = fmt.Errorf("%w\na path that begins with slashes begins at the root; it is sqlite:PATH, as in sqlite:%s", err, path)
	}
	return err
}
