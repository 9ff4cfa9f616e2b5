package main

import (
	"fmt"
	"io"
)

// A tour is what to try in a shell. It can be taken any number of times.
type tour struct {
	base   string // of the URLs
	header string // of the token
	issues bool   // whether /auth/token gives tokens out
	apiKey string // empty if there is none to show
}

// A stop is a command and, where it shows an answer, its status and why. The comments do without characters that mean something to a shell.
type stop struct{ command, comment string }

// print writes the tour. Each answer's first line has the status that the comment at the end of the command begins with.
func (t tour) print(w io.Writer) {
	fmt.Fprintf(w, "Listening on %s. Log in at /login with a browser, as alice with alice-password, or try in a shell:\n\n", t.base)
	for _, s := range t.stops() {
		if s.comment == "" {
			fmt.Fprintln(w, s.command)
			continue
		}
		fmt.Fprintf(w, "%-110s # %s\n", s.command, s.comment)
	}
	fmt.Fprintln(w)
}

func (t tour) stops() []stop {
	stops := []stop{
		t.show("", "/public", "200: for everybody"),
		t.show("", "/private", "401: nobody"),
		t.show("", "/optional", "200: and no user"),
	}
	if t.issues {
		stops = append(stops, t.userStops()...)
	}
	if t.apiKey != "" {
		stops = append(stops,
			t.show("-H 'X-API-Key: "+t.apiKey+"' ", "/internal", "200: an API key"),
			t.show("-H 'X-API-Key: "+t.apiKey+"' ", "/articles", "200: the key has this permission"),
			t.show("-H 'X-API-Key: "+t.apiKey+"' ", "/me", "403: a key is no user"),
			t.show("-H 'X-API-Key: wrong' ", "/internal", "401: no such key"))
	}
	return stops
}

func (t tour) userStops() []stop {
	alice, bob, root := t.as("alice"), t.as("bob"), t.as("root")
	return []stop{
		t.logIn("alice"), t.logIn("bob"), t.logIn("root"),
		t.show("-d "+credentials("alice", "wrong"), "/auth/token", "401: wrong password"),
		t.show("-d "+credentials("eve", "eve-password"), "/auth/token", "401: eve is not active"),
		t.show(alice, "/private", "200"),
		t.show(alice, "/me", "200: who alice is"),
		t.show(alice, "/info", "200: what her token says"),
		t.show(alice, "/sensitive", "200: she logged in a moment ago"),
		t.show(alice, "/staff", "403: alice is not staff"),
		t.show(bob, "/staff", "200"),
		t.show(bob, "/admin", "403: staff, and no superuser"),
		t.show(root, "/admin", "200"),
		t.show(alice, "/articles", "200"),
		t.show(bob, "/articles", "403: bob lacks the permission"),
		t.show(alice, "/content", "200: alice has both permissions, one would do"),
		t.show(alice+`-d '{"title":"Hello","body":"My first words."}' `, "/articles", "201"),
		t.capture("article", "id", alice+`-d '{"title":"Bye","body":"My last words."}' `, "/articles"),
		t.show(bob+"-X DELETE ", "/articles/$article", "403: neither his, nor has he the permissions"),
		t.show(alice+"-X DELETE ", "/articles/$article", "204: hers"),
		t.show(root+"-X DELETE ", "/articles/$article", "404: gone"),
		t.show(alice, "/internal", "401: for API keys only"),
		t.capture("refresh", "refresh_token", "-d "+credentials("alice", "alice-password"), "/auth/token"),
		t.show(`-d "{\"refresh_token\":\"$refresh\"}" `, "/auth/refresh", "200: the next pair of tokens"),
		t.show(`-d "{\"refresh_token\":\"$refresh\"}" `, "/auth/refresh", "200: the same refresh token again, the answer may have been lost"),
		t.show(`-d "{\"refresh_token\":\"$alice\"}" `, "/auth/refresh", "401: an access token refreshes nothing"),
		{command: `cookie=$(curl -si -d ` + credentials("alice", "alice-password") + t.base + `/auth/cookie | sed -nE 's/^[Ss]et-[Cc]ookie: ([^;]+).*/\1/p')`},
		t.show(`-H "Cookie: $cookie" `, "/private", "200: a cookie will do"),
		t.show(`-H "Cookie: $cookie" -H "Sec-Fetch-Site: cross-site" -X POST `, "/auth/logout", "403: another site sent this"),
		t.show(`-H "Cookie: $cookie" -X POST `, "/auth/logout", "204: the cookie is gone, and its token has ended"),
		{command: `session=$(curl -si -d ` + credentials("bob", "bob-password") + t.base + `/session/login | sed -nE 's/^[Ss]et-[Cc]ookie: ([^;]+).*/\1/p')`},
		t.show(`-H "Cookie: $session" `, "/info", "200: bob by his session"),
		t.show(`-H "Cookie: $session" `, "/staff", "200"),
		t.show(`-H "Cookie: $session" -H "Sec-Fetch-Site: cross-site" -X POST `, "/session/logout", "403: another site sent this"),
		t.show(`-H "Cookie: $session" -X POST `, "/session/logout", "204: the session ends"),
		t.show(`-H "Cookie: $session" `, "/info", "401: it has ended"),
		t.show("", "/login", "200: a page, for browsers"),
		{command: `session=$(curl -si -d 'username=alice&password=alice-password' ` + t.base + `/session/login | sed -nE 's/^[Ss]et-[Cc]ookie: ([^;]+).*/\1/p')`},
		t.show(`-H "Cookie: $session" `, "/account", "200: alice, her sessions and her keys"),
		{command: `key=$(curl -s -H "Cookie: $session" -d name=shell ` + t.base + `/account/keys | sed -nE 's/.*<output id="key">([^<]+).*/\1/p')`},
		t.show(`-H "X-API-Key: $key" `, "/articles", "200: the key that alice made"),
		t.show(`-H "Cookie: $session" -d "id=$(echo $key | cut -d_ -f2)" `, "/account/keys/revoke", "204: it is revoked"),
		t.show(`-H "X-API-Key: $key" `, "/articles", "401: for good"),
		{command: `id=$(curl -s -H "Cookie: $session" ` + t.base + `/account | sed -nE 's/.*sessions\/end.* value="([0-9a-f]+)".*/\1/p' | head -1)`},
		t.show(`-H "Cookie: $session" -d "id=$id" `, "/account/sessions/end", "204: alice ends her session"),
		t.show(`-H "Cookie: $session" `, "/account", "401: it has ended"),
		t.show(alice+"-X POST ", "/auth/logout", "204: this token ends"),
		t.show(alice, "/private", "401: revoked"),
		t.show(bob+"-X POST ", "/auth/logout-all", "204: all tokens of bob end"),
		t.show(bob, "/private", "401: revoked"),
	}
}

// show is a command that shows the whole answer.
func (t tour) show(options, path, comment string) stop {
	return stop{"curl -i " + options + t.base + path, comment}
}

// logIn is a command that puts a user's token into a variable of the user's name.
func (t tour) logIn(user string) stop {
	return t.capture(user, "access_token", "-d "+credentials(user, user+"-password"), "/auth/token")
}

// capture is a command that puts a member of the answer into a variable.
func (t tour) capture(variable, member, options, path string) stop {
	return stop{command: fmt.Sprintf(`%s=$(curl -s %s%s%s | sed -E 's/.*"%s":"?([^",}]+).*/\1/')`, variable, options, t.base, path, member)}
}

// as is the option that sends a user's token.
func (t tour) as(user string) string {
	return fmt.Sprintf(`-H "%s: Bearer $%s" `, t.header, user)
}

func credentials(username, password string) string {
	return fmt.Sprintf(`'{"username":"%s","password":"%s"}' `, username, password)
}
