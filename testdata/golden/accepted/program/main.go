// Command program is a program: package main has guarded servers, too.
//
//auth:backend s.who
//auth:guard IsStaff()
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type server struct {
	who *who.Backend
}

//auth:route GET /{$}
func (s *server) index(w http.ResponseWriter, r *http.Request) {}

//auth:route GET /main
//auth:guard AllowAny()
func (s *server) main() string { return "main" }

//auth:route GET /init
func (s *server) init() string { return "init" }

func main() {
	h, err := Drive()
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("program", l.Addr())
	go func() { panic(http.Serve(l, h)) }()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
