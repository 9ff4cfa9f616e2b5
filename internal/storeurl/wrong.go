package storeurl

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Errors about URLs say which part is wrong, in place of what the parsers say, which quotes it. They show names of
// parameters, and no values.
var (
	errMalformed  = errors.New("it is malformed; in a password @ is written %40, / %2F, # %23, ? %3F and % %25")
	errEscape     = errors.New("there is an @ behind the host; in a password @ is written %40, / %2F, # %23, ? %3F and % %25")
	errHost       = errors.New("it has no host")
	errDatabase   = errors.New("it has no database")
	errFragment   = errors.New("there is a # in it, which is written %23")
	errParameters = errors.New("its parameters are malformed")

	errDSN       = errors.New("that is how Go's driver writes it; here it is mysql://USER:PASSWORD@HOST:PORT/DATABASE")
	errKeyValues = errors.New("that is how libpq writes it; here it is postgres://USER:PASSWORD@HOST:PORT/DATABASE")
)

// otherwise are schemes that others use, and how they are written here.
var otherwise = map[string]string{
	"mariadb": "mysql", "pg": "postgres", "pgx": "postgres", "sqlite3": "sqlite", "file": "sqlite",
	"valkey": "redis", "valkeys": "rediss", "redis-sentinel": "redis+sentinel", "redis-cluster": "redis+cluster",
	"valkey+cluster": "redis+cluster", "valkeys+cluster": "rediss+cluster",
	"valkey+sentinel": "redis+sentinel", "valkeys+sentinel": "rediss+sentinel",
}

var (
	dsn       = regexp.MustCompile(`@(tcp|unix)\w*\(`)
	keyValues = regexp.MustCompile(`^\s*(host|hostaddr|port|user|password|dbname|service|sslmode)\s*=`)
)

// unknown returns the error of a URL whose scheme is none that is known.
func unknown(text, scheme string) error {
	known, ok := otherwise[scheme]
	switch {
	case dsn.MatchString(text):
		return errDSN
	case keyValues.MatchString(text):
		return errKeyValues
	case ok:
		return fmt.Errorf("the scheme %s is written %s", scheme, known)
	}
	return ErrForm
}

// checkText refuses what parsers would take for another part than it is: of a password with an @ or a slash, the rest
// would be a host or a database, which are shown.
func checkText(text string) error {
	_, rest, _ := strings.Cut(text, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	switch {
	case dsn.MatchString(text):
		return errDSN
	case strings.Contains(path, "@"):
		return errEscape
	}
	return nil
}

// split returns the parts of a URL that names a host. Parameters that cannot be read are not dropped, as they are by
// [url.URL.Query]: one may be about TLS.
func split(text string) (*url.URL, url.Values, error) {
	if strings.Contains(text, "#") {
		return nil, nil, errFragment
	}
	if err := checkText(text); err != nil {
		return nil, nil, err
	}
	location, err := url.Parse(text)
	if err != nil {
		return nil, nil, errMalformed
	}
	query, err := url.ParseQuery(location.RawQuery)
	switch {
	case location.Hostname() == "":
		return nil, nil, errHost
	case err != nil:
		return nil, nil, errParameters
	}
	return location, query, nil
}

// take takes a parameter out. It is empty if it is not there.
func take(query url.Values, name string) (string, error) {
	values, given := query[name]
	delete(query, name)
	switch {
	case !given:
		return "", nil
	case len(values) > 1:
		return "", fmt.Errorf("%s is there more than once", name)
	case values[0] == "":
		return "", fmt.Errorf("%s is empty", name)
	}
	return values[0], nil
}

// wrongParameter returns which parameter a parser does not accept: the last one of those that had to go until it did.
// None is wrong if it accepts no URL without parameters either.
func wrongParameter(query url.Values, accepts func(url.Values) bool) (name string, found bool) {
	query = maps.Clone(query)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if delete(query, name); accepts(query) {
			return shown(name), true
		}
	}
	return "", false
}

var word = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// shown tells people which parameter, without a name that may be a part of a password.
func shown(name string) string {
	if word.MatchString(name) {
		return "the parameter " + name
	}
	return "a parameter"
}
