package web

import (
	"embed"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"

	"ella/bot"
)

//go:embed page
var pageFiles embed.FS

// contentTypes are those of the page's files. The machine's own table is not
// asked: it may call a script plain text, which no browser then runs.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// Handler serves the page and everything that it uses:
//
//	GET  /                                     the page, and its files beside it; with
//	                                           ?start=PAYLOAD, a start link
//	GET  /strings?locale=pl-PL,pl,en           Words: the page's own words
//	GET  /phones                               Snapshot, without items
//	POST /phones                               one more member: PhoneState
//	GET  /events                               the stream
//	POST /phones/{id}/text                     {key, text}
//	POST /phones/{id}/press                    {key, message, data}
//	POST /phones/{id}/location                 {key, lat, lng}
//	POST /phones/{id}/file                     {key}: that there was one, never what
//	POST /phones/{id}/block                    {key, blocked}
//	GET  /phones/{id}/pictures/{seq}/{sum}     a picture
//	GET  /phones/{id}/files/{seq}/{file}       a file, to be kept
//
// Each body may hold a hint, the browser's language. Whatever is refused is
// answered with a Refusal. Handler may be mounted at "/" only.
func (a *Adapter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { servePage(w, "index.html") })
	mux.HandleFunc("GET /{file}", func(w http.ResponseWriter, r *http.Request) { servePage(w, r.PathValue("file")) })
	mux.HandleFunc("GET /strings", a.serveWords)
	mux.HandleFunc("GET /phones", a.servePhones)
	mux.HandleFunc("POST /phones", a.addPhone)
	mux.HandleFunc("GET /events", a.stream)
	mux.HandleFunc("POST /phones/{id}/text", a.posted(bot.TextSent))
	mux.HandleFunc("POST /phones/{id}/press", a.posted(bot.ButtonPressed))
	mux.HandleFunc("POST /phones/{id}/location", a.posted(bot.LocationShared))
	mux.HandleFunc("POST /phones/{id}/file", a.posted(bot.Unsupported))
	mux.HandleFunc("POST /phones/{id}/block", a.posted(bot.ChatBlocked))
	mux.HandleFunc("GET /phones/{id}/pictures/{seq}/{sum}", a.servePicture)
	mux.HandleFunc("GET /phones/{id}/files/{seq}/{file}", a.serveFile)
	return guard(mux)
}

func servePage(w http.ResponseWriter, name string) {
	body, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", contentType(name))
	// A reader who left can't be told.
	_, _ = w.Write(body)
}

func (a *Adapter) servePhones(w http.ResponseWriter, r *http.Request) {
	if err := a.load(r.Context()); err != nil {
		a.log.Warn("web: the phones can't be read", "err", err)
		errBusy.write(w)
		return
	}
	a.mu.Lock()
	s := a.snapshot(false)
	a.mu.Unlock()
	writeJSON(w, http.StatusOK, s)
}

func (a *Adapter) servePicture(w http.ResponseWriter, r *http.Request) {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || seq < 1 || !isPhone(r.PathValue("id")) {
		errGone.write(w)
		return
	}
	body, err := a.picture(r.Context(), r.PathValue("id"), seq, r.PathValue("sum"))
	switch {
	case err != nil:
		a.log.Warn("web: a picture can't be read", "err", err)
		errBusy.write(w)
	case body == nil:
		errGone.write(w)
	default:
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(body)
	}
}

// Words are the page's own words in one language.
type Words struct {
	Locale string `json:"locale"`
	// Dir is the reading direction that the words themselves have.
	Dir     string            `json:"dir"`
	Strings map[string]string `json:"strings"`
}

// serveWords answers with the words of the first of the asked tags for which
// there is a catalogue, and with English where there is none.
func (a *Adapter) serveWords(w http.ResponseWriter, r *http.Request) {
	words := Words{Locale: "en", Strings: map[string]string{}}
	asked := strings.Split(r.URL.Query().Get("locale"), ",")
	var found map[string]string
	for _, tag := range asked[:min(len(asked), maxTags)] {
		if tag = languageTag(tag); tag == "" {
			continue
		}
		if found = a.strings(tag); len(found) > 0 {
			words.Locale = tag
			break
		}
	}
	for _, k := range StringKeys() {
		text := found[k.Key]
		if text == "" {
			text = k.English
		}
		words.Strings[k.Key] = text
	}
	words.Dir = directionOf(words.Strings["web.about"])
	writeJSON(w, http.StatusOK, words)
}

// directionOf is the reading direction of a text, from its first letter.
func directionOf(s string) string {
	for _, r := range s {
		if unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya) && unicode.IsLetter(r) {
			return "rtl"
		}
		if unicode.IsLetter(r) {
			return "ltr"
		}
	}
	return "ltr"
}
