// Package session logs users in by a cookie, and keeps on the server what belongs
// to their sessions.
//
// The cookie holds a random id and nothing else. The server's [Store] knows the
// id by its SHA-256 digests only: whoever reads the store finds nothing to log in
// with. A session begins with [Backend.LogIn], always under a new id, and ends
// with [Backend.LogOut], at its idle or absolute limit, or when the user or the
// application ends it from elsewhere. Once it has ended nothing brings it back,
// least of all a request that was under way: every write is on condition that
// the session is there. There are no sessions of strangers, so nobody can choose
// an id for somebody else.
//
// A [Backend] is a [runtime.Authenticator]. Its principals are ambient: a guarded
// server refuses what pages of other sites cause in a user's name.
//
// What an application keeps in a session has a [Key] that knows its type:
//
//	var recent = session.NewKey[[]string]("recent")
//
//	func (s *Server) View(w http.ResponseWriter, r *http.Request) error {
//		opened, err := s.Sessions.Session(r)
//		if err != nil {
//			return err
//		}
//		pages, err := recent.Get(opened)
//		if err != nil {
//			return err
//		}
//		if err := recent.Set(opened, append(pages, r.URL.Path)); err != nil {
//			return err
//		}
//		return opened.Save(r.Context())
//	}
//
// [Memory] serves one process, [SQL] all that share a database. Package
// sessiontest has the tests for stores of your own.
package session
