package samenamedproviders

import "net/http"

// Drive returns what the requests of this case are sent to.
func Drive() (http.Handler, error) { return NewGuarded() }
