// Package unicodenames has identifiers, paths and strings beyond ASCII.
//
//auth:backend сервер.Who
package unicodenames

import (
	"github.com/boltauthgen/boltauthgen/testdata/golden/who"
)

type Сервер struct {
	Who *who.Backend
}

type Größe int

//auth:provide
func größe() Größe { return 3 }

//auth:route GET /größe/{größe}
//auth:guard größe > 3 && IsAuthenticated()
func (сервер *Сервер) Größe(größe int) int { return größe }

//auth:route GET /名前/{名前}
//auth:guard 名前 == "世界" || HasPermission("блог.смотреть")
func (сервер *Сервер) X名前(名前 string) string { return 名前 }

//auth:route GET /ändern
//auth:guard größe == 3
func (сервер *Сервер) Ändern(größe Größe) {}

//auth:route GET /é
//auth:guard IsStaff()
func (сервер *Сервер) éa() {}

// 类型 is a type whose name is neither upper nor lower case.
type 类型 struct{}

//auth:route GET /x
//auth:guard IsStaff()
//auth:backend who.Backend{}
func (类型) Get() {}
