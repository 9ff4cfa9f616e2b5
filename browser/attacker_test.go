package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// An attacker has a server with an empty page, and runs scripts in it.
type attacker struct{ url string }

// sameSite is an attacker on another port of the host: of the same site, but of another origin.
func sameSite(t *testing.T) attacker {
	t.Helper()
	return attacker{newWitness(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html><html lang=en><link rel=icon href='data:,'><title>You have won</title>")
	})).url}
}

// crossSite is an attacker on another host.
func crossSite(t *testing.T) attacker {
	t.Helper()
	return attacker{strings.Replace(sameSite(t).url, "127.0.0.1", "localhost", 1)}
}

// An attack is a script that sends fields to a URL in the name of whoever opens the page. It uses what attackTools defines.
type attack struct {
	name, script string
	sandboxed    bool // the browser does not say whose page it is, and treats it as one of another site
	form         bool // the body is one that forms for people have
}

var attacks = []attack{
	{name: "a form", script: "send({})", form: true},
	{name: "a form into a hidden frame", script: "frame('', ''); send({target: 'sink'})", form: true},
	{name: "a form in a frame, to the top", script: "frame('', page({target: '_top'}))", form: true},
	{name: "a form in a sandbox", script: "frame('allow-scripts allow-forms', page({}))", form: true, sandboxed: true},
	{name: "a form in a sandbox, to the top", script: "frame('allow-scripts allow-forms allow-top-navigation', page({target: '_top'}))", form: true, sandboxed: true},
	{name: "a form of plain text", script: "send({enctype: 'text/plain'}, plain)"},
	{name: "a form of several parts", script: "send({enctype: 'multipart/form-data'})"},
	{name: "fetch of a form", script: "post(new URLSearchParams(fields))", form: true},
	{name: "fetch of JSON that is said to be text", script: "post(JSON.stringify(fields))"},
	{name: "a beacon", script: "navigator.sendBeacon(to, new URLSearchParams(fields))", form: true},
}

const attackTools = `
	const send = (attributes, values = fields) => {
		const form = Object.assign(document.createElement('form'), {method: 'post', action: to}, attributes)
		for (const [name, value] of Object.entries(values))
			form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}))
		document.body.append(form)
		form.submit()
	}
	// The body is JSON: the equals sign between name and value is part of a string.
	const plain = {[JSON.stringify(fields).slice(0, -1) + ',"rest":"']: '"}'}
	const post = body => { fetch(to, {method: 'POST', mode: 'no-cors', credentials: 'include', body}).catch(() => 0) }
	const page = attributes => '<body><script>const to = ' + JSON.stringify(to) + ', fields = ' + JSON.stringify(fields) +
		'\nconst send = ' + send + '\nsend(' + JSON.stringify(attributes) + ')</' + 'script>'
	const frame = (sandbox, srcdoc) => {
		const frame = Object.assign(document.createElement('iframe'), {name: 'sink', hidden: true})
		if (sandbox) frame.setAttribute('sandbox', sandbox)
		if (srcdoc) frame.srcdoc = srcdoc
		document.body.append(frame)
	}
`

// run runs the attack in the page that the tab shows.
func (a attack) run(b *tab, to string, fields map[string]string) {
	b.Helper()
	text, err := json.Marshal(fields)
	require.NoError(b, err)
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("{ const to = %q, fields = %s\n%s\n%s; 0 }", to, text, attackTools, a.script)))
}
