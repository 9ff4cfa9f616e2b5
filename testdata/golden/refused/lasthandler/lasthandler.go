// Package lasthandler lost its last directive to a slip of the finger; its generated code is not removed.
package lasthandler

import "net/http"

// auth:route GET /a
func A(http.ResponseWriter, *http.Request) {}
