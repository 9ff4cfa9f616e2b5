package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeRefuses(t *testing.T) {
	cases := []struct {
		name string
		text string
		want error
	}{
		{"HOSTILE 40: empty", ``, ErrSyntax},
		{"HOSTILE 40: white space only", ` `, ErrSyntax},
		{"HOSTILE 40: null", `null`, ErrSyntax},
		{"HOSTILE 40: array", `[]`, ErrSyntax},
		{"HOSTILE 40: string", `"x"`, ErrSyntax},
		{"HOSTILE 40: number", `123`, ErrSyntax},
		{"HOSTILE 40: byte order mark", "\ufeff{}", ErrSyntax},
		{"HOSTILE 40: trailing garbage", `{} x`, ErrSyntax},
		{"HOSTILE 40: no opening bracket", `"a":1}`, ErrSyntax},
		{"HOSTILE 40: another opening bracket", `["a":1}`, ErrSyntax},
		{"HOSTILE 40: trailing NUL", "{}\x00", ErrSyntax},
		{"HOSTILE 40: two objects", `{}{}`, ErrSyntax},
		{"HOSTILE 40: invalid UTF-8 in a value", "{\"a\":\"\xff\"}", ErrEncoding},
		{"HOSTILE 40: invalid UTF-8 in a name", "{\"\xc3\x28\":1}", ErrEncoding},
		{"HOSTILE 40: overlong encoding", "{\"a\":\"\xc0\xaf\"}", ErrEncoding},
		{"HOSTILE 40: encoded surrogate", "{\"a\":\"\xed\xa0\x80\"}", ErrEncoding},
		{"HOSTILE 51: escaped lone high surrogate", `{"a":"\ud800"}`, ErrSurrogate},
		{"HOSTILE 51: escaped lone low surrogate", `{"a":"\udc00x"}`, ErrSurrogate},
		{"HOSTILE 51: surrogates the wrong way round", `{"a":"\udc00\ud800"}`, ErrSurrogate},
		{"HOSTILE 51: high surrogate before something else", `{"a":"\ud800\u0041"}`, ErrSurrogate},
		{"HOSTILE 41: duplicate", `{"sub":"a","sub":"b"}`, ErrDuplicate},
		{"HOSTILE 41: duplicate with the same value", `{"sub":"a","exp":1,"sub":"a"}`, ErrDuplicate},
		{"HOSTILE 41: duplicate by escape", `{"sub":"a","\u0073ub":"b"}`, ErrDuplicate},
		{"HOSTILE 41: nested duplicate", `{"cnf":[{"a":{"jkt":1,"jkt":2}}]}`, ErrDuplicate},
		{"HOSTILE 41: duplicate empty name", `{"":1,"":2}`, ErrDuplicate},
		{"HOSTILE 41: duplicate far behind", `{` + members(20) + `,"m3":0}`, ErrDuplicate},
		{"HOSTILE 41: duplicate of one far behind", `{` + members(20) + `,"m18":0}`, ErrDuplicate},
		{"HOSTILE 51: escaped lone surrogate in a name", `{"\ud800":1}`, ErrSurrogate},
		{"HOSTILE 43: nested 20,000 deep", `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, ErrDepth},
		{"HOSTILE 43: objects nested too deeply", strings.Repeat(`{"a":`, MaxDepth+1) + `1` + strings.Repeat("}", MaxDepth+1), ErrDepth},
		{"HOSTILE 43: too many members", `{` + members(MaxMembers+1) + `}`, ErrMembers},
		{"HOSTILE 43: too many members in many objects", `{"a":[` + strings.Repeat(`{"a":1},`, MaxMembers) + `1]}`, ErrMembers},
		{"HOSTILE 44: 1e400", `{"a":1e400}`, ErrNumber},
		{"HOSTILE 44: -1E+400", `{"a":-1E+400}`, ErrNumber},
		{"HOSTILE 44: 400 digits", `{"a":1` + strings.Repeat("0", 400) + `}`, ErrNumber},
		{"HOSTILE 44: NaN", `{"a":NaN}`, ErrSyntax},
		{"HOSTILE 44: Infinity", `{"a":Infinity}`, ErrSyntax},
		{"HOSTILE 44: -Infinity", `{"a":-Infinity}`, ErrSyntax},
		{"leading zero", `{"a":01}`, ErrSyntax},
		{"plus sign", `{"a":+1}`, ErrSyntax},
		{"no digit before the point", `{"a":.5}`, ErrSyntax},
		{"no digit after the point", `{"a":1.}`, ErrSyntax},
		{"no digit in the exponent", `{"a":1e}`, ErrSyntax},
		{"no digit after the sign", `{"a":-}`, ErrSyntax},
		{"hexadecimal", `{"a":0x10}`, ErrSyntax},
		{"raw newline in a string", "{\"a\":\"\n\"}", ErrSyntax},
		{"raw NUL in a string", "{\"a\":\"\x00\"}", ErrSyntax},
		{"unknown escape", `{"a":"\x41"}`, ErrSyntax},
		{"short escape", `{"a":"\u004"}`, ErrSyntax},
		{"escape of no hexadecimal digits", `{"a":"\u00zz"}`, ErrSyntax},
		{"escaped end", `{"a":"\"}`, ErrSyntax},
		{"backslash at the end", `{"a":"\`, ErrSyntax},
		{"open string", `{"a":"b`, ErrSyntax},
		{"open object", `{"a":1`, ErrSyntax},
		{"open array", `{"a":[1`, ErrSyntax},
		{"brackets that do not match", `{"a":[1}}`, ErrSyntax},
		{"comma before the end", `{"a":1,}`, ErrSyntax},
		{"comma at the beginning", `{,"a":1}`, ErrSyntax},
		{"two commas", `{"a":1,,"b":2}`, ErrSyntax},
		{"comma before the end of an array", `{"a":[1,]}`, ErrSyntax},
		{"no comma", `{"a":1 "b":2}`, ErrSyntax},
		{"no colon", `{"a" 1}`, ErrSyntax},
		{"no value", `{"a":}`, ErrSyntax},
		{"no value at the end", `{"a":`, ErrSyntax},
		{"name without quotes", `{a:1}`, ErrSyntax},
		{"name without an opening quote", `{a":1}`, ErrSyntax},
		{"name in single quotes", `{'a':1}`, ErrSyntax},
		{"number as a name", `{1:1}`, ErrSyntax},
		{"comment", `{/**/"a":1}`, ErrSyntax},
		{"True", `{"a":True}`, ErrSyntax},
		{"truex", `{"a":truex}`, ErrSyntax},
		{"tru", `{"a":tru`, ErrSyntax},
		{"white space that JSON does not know", "{\u00a0\"a\":1}", ErrSyntax},
		{"form feed", "{\f\"a\":1}", ErrSyntax},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			members, err := Decode(c.text)
			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, members)
		})
	}
}

func members(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"m%d":%d`, i, i)
	}
	return strings.Join(all, ",")
}

func TestDecodeAccepts(t *testing.T) {
	for _, text := range []string{
		`{}`,
		" \t\r\n{ \t\r\n} \t\r\n",
		`{"a":1,"b":-0,"c":0.1,"d":9300000000000000000,"e":1e308,"f":-1.5E-10,"g":1e-400}`,
		`{"a":null,"b":true,"c":false,"d":"","e":[],"f":{}}`,
		`{"a" : [ 1 , "x" , [ [ ] ] , { "b" : { } } , null ] , "c" : 1}`,
		`{"":"empty name"}`,
		`{"\u0061\/\"\\\b\f\n\r\t":"\u0061\/\"\\\b\f\n\r\t\u00e9\ud83d\ude00\uFFFD\u0000"}`,
		`{"https:\/\/example.com\/roles":["a","b"]}`,
		`{"é":"日本語😀","SUB":"a","sub":"b","ſub":"c"}`,
		`{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}`,
		`{` + members(MaxMembers) + `}`,
		strings.Repeat(`{"a":`, MaxDepth) + `1` + strings.Repeat("}", MaxDepth),
	} {
		got, err := Decode(text)
		require.NoError(t, err, text)
		assert.Equal(t, standard(t, text), got, text)
	}
}

// standard is what encoding/json makes of a text.
func standard(t testing.TB, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewBufferString(text))
	decoder.UseNumber()
	var members map[string]any
	require.NoError(t, decoder.Decode(&members), text)
	return members
}

func TestValueTypes(t *testing.T) {
	for text, kind := range map[Value]string{
		`"a"`: "string", `1`: "number", `-1`: "number", `true`: "bool", `false`: "bool", `null`: "null", `[]`: "array", `{}`: "object", ``: "nothing",
	} {
		_, isString := text.String()
		_, isNumber := text.Number()
		_, isBool := text.Bool()
		assert.Equal(t, kind == "string", isString, text)
		assert.Equal(t, kind == "number", isNumber, text)
		assert.Equal(t, kind == "bool", isBool, text)
		assert.Equal(t, kind == "null", text.IsNull(), text)
		assert.Equal(t, kind == "array", text.IsArray(), text)
	}
}

func open(text string) *Object {
	o := new(Object)
	o.Open(text)
	return o
}

func TestStrings(t *testing.T) {
	for text, want := range map[string][]string{
		`[]`: nil, `[ ]`: nil, `["a"]`: {"a"}, `[ "a" , "\u0062,]" ]`: {"a", "b,]"}, `["]","]",",",""]`: {"]", "]", ",", ""},
	} {
		o := open(`{"x":1,"a":` + text + `,"b":2}`)
		require.True(t, o.Next())
		require.True(t, o.Next())
		got, ok := o.Strings()
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
		require.True(t, o.Next())
		assert.Equal(t, "b", o.Name())
		assert.Equal(t, Value("2"), o.Value())
		assert.Equal(t, Value("2"), o.Value(), "as often as one likes")
		_, ok = o.Strings()
		assert.False(t, ok, "but as strings only instead of it")
		assert.False(t, o.Next())
		assert.False(t, o.Next())
		assert.NoError(t, o.Err())
	}
	for _, text := range []string{`[1]`, `["a",null]`, `["a",["b"]]`, `[{}]`, `"a"`, `{}`, `null`, ``, `["a"`, `["a",]`, `{"a"]`, `["a"}`, `[a"]`, `["a" "b"]`, `["a`, `["\ud800"]`} {
		o := open(`{"a":` + text)
		require.True(t, o.Next())
		got, ok := o.Strings()
		assert.False(t, ok, text)
		assert.Nil(t, got, text)
		assert.Error(t, o.Err(), text)
		assert.False(t, o.Next())
	}
}

func TestElements(t *testing.T) {
	for _, text := range []Value{`{"a":1}`, `"a"`, `12`, `null`, `[]`, ``} {
		for range text.Elements {
			assert.Fail(t, "an element", text)
		}
	}
	var all []Value
	for element := range Value(`[1, [2, "]"], {"a":[3]},4]`).Elements {
		if all = append(all, element); len(all) == 3 {
			break
		}
	}
	assert.Equal(t, []Value{`1`, `[2, "]"]`, `{"a":[3]}`}, all)
}

func TestValueOfWrongText(t *testing.T) {
	o := open(`{"a":1,"b":tru}`)
	require.True(t, o.Next())
	require.True(t, o.Next())
	assert.Empty(t, o.Value())
	assert.ErrorIs(t, o.Err(), ErrSyntax)
	assert.False(t, o.Next())
}

func TestErrIsNilOnlyAtTheEnd(t *testing.T) {
	o := open(`{"a":1,"b":2,"a":3}`)
	for o.Next() {
		assert.NotEqual(t, "3", string(o.Value()))
	}
	assert.ErrorIs(t, o.Err(), ErrDuplicate)
	assert.False(t, o.Next(), "it stays at its end")
	assert.ErrorIs(t, o.Err(), ErrDuplicate)
}

func TestReadingDoesNotAllocate(t *testing.T) {
	text := `{"sub":"42","exp":1750000000,"is_staff":false,"permissions":["a","b"],"nested":{"a":[1.5e3]}}`
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		var o Object
		o.Open(text)
		for o.Next() {
			o.Value().String()
		}
		if o.Err() != nil {
			panic(o.Err())
		}
	}))
}

// Whatever is accepted, encoding/json accepts with the same result. Whatever
// encoding/json writes is accepted, as long as it keeps to the limits.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, `{"a":[1,"x",null,{"b":-1.5e3}]}`, `{"a":"\ud83d\ude00\u0000"}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", ` {"a":"\\"} `, `{"a":1e400}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		members, err := Decode(text)
		if err != nil {
			assert.Nil(t, members)
			return
		}
		assert.Equal(t, standard(t, text), members)

		written, err := json.Marshal(members)
		require.NoError(t, err)
		again, err := Decode(string(written))
		require.NoError(t, err)
		assert.Equal(t, members, again)
	})
}

func BenchmarkObject(b *testing.B) {
	text := `{"sub":"42","exp":1750003600,"iat":1750000000,"jti":"5YKXQ2ZL7JQ4R3W2ZP6T4Q7H3A","is_staff":true,"is_superuser":false,` +
		`"username":"alice","email":"alice@example.com","permissions":["blog.view_article","blog.add_article","blog.change_article",` +
		`"blog.delete_article","shop.view_order","shop.add_order","shop.change_order","shop.delete_order","auth.view_user","auth.add_user"]}`
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var o Object
		o.Open(text)
		for o.Next() {
		}
		if o.Err() != nil {
			b.Fatal(o.Err())
		}
	}
}
