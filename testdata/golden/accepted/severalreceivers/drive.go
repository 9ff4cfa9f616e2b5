package severalreceivers

import (
	"net/http"
)

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) {
	mux := http.NewServeMux()
	users, err := NewGuardedUsers(&Users{n: 1})
	if err != nil {
		return nil, err
	}
	mux.Handle("/users/", users)
	numbers, err := NewGuardedNumbers(Numbers{1, 2})
	if err != nil {
		return nil, err
	}
	mux.Handle("/numbers/", numbers)
	id, err := NewGuardedID(8)
	if err != nil {
		return nil, err
	}
	mux.Handle("/id/", id)
	funcs, err := NewGuardedFuncs(func() string { return "called" })
	if err != nil {
		return nil, err
	}
	mux.Handle("/funcs/", funcs)
	functions, err := NewGuarded()
	if err != nil {
		return nil, err
	}
	mux.Handle("/", functions)
	return mux, nil
}
