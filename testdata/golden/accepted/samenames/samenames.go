// Package samenames has values that are called the same in different places, and one wildcard of two types.
//
//auth:backend backend
//auth:guard IsAuthenticated()
package samenames

import (
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

var backend = &who.Backend{}

type Server struct{}

type Account struct{ Name string }

type User struct{ Account *Account }

type Doc struct{ ID string }

//auth:provide
func (*Server) account(user *runtime.Principal) (*Account, error) {
	return &Account{user.UserID()}, nil
}

//auth:provide
func (*Server) user(user *Account) (*User, error) { return &User{user}, nil }

//auth:provide
func (*Server) doc(id string) (*Doc, error) {
	if id == "0" {
		return nil, runtime.ErrNotFound
	}
	return &Doc{id}, nil
}

//auth:route GET /user
//auth:guard user.Account.Name != "staff"
func (*Server) User(user *User) string { return user.Account.Name }

//auth:route GET /docs/{id}
//auth:guard doc.ID != "7" && id != 8
func (*Server) Doc(id int, doc *Doc) int { return id }

//auth:route GET /both/{user}
//auth:guard user == account.Account.Name
func (*Server) Both(user string, account *User) string { return user }
