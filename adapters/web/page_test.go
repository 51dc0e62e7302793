package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ella/adapters/web"
	"ella/adapters/web/webtest"
)

func get(t *testing.T, a *web.Adapter, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
	return w
}

// TestPageFiles: every file is served under the right type, asks nothing of
// anybody else, and holds nothing that the policy forbids.
func TestPageFiles(t *testing.T) {
	a := web.New(web.Options{Shelf: &webtest.Shelf{}})
	files, err := filepath.Glob(filepath.Join("page", "*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("files: %v, %v", files, err)
	}
	kinds := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	elsewhere := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9]|url\(|@import|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(| style="| on[a-z]+="|<style|localStorage|sessionStorage|indexedDB`)
	for _, f := range files {
		w := get(t, a, "/"+filepath.Base(f))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kinds[filepath.Ext(f)] {
			t.Errorf("%s: %d, %q", f, w.Code, w.Header().Get("Content-Type"))
		}
		body := strings.ReplaceAll(w.Body.String(), "http://www.w3.org/2000/svg", "")
		if found := elsewhere.FindAllString(body, -1); len(found) > 0 {
			t.Errorf("%s holds %q", f, found)
		}
	}
	for _, path := range []string{"/nothing.js", "/..%2fweb.go", "/page/app.js", "/phones/x/y"} {
		if w := get(t, a, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get(t, a, "/"); w.Code != http.StatusOK || w.Body.String() != get(t, a, "/index.html").Body.String() {
		t.Errorf("/ is %d", w.Code)
	}
}

// TestStringKeys: the page uses the words that there are, and no others.
func TestStringKeys(t *testing.T) {
	used := map[string]bool{}
	files, err := filepath.Glob("page/*")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "errors.go")
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range regexp.MustCompile(`["'\x60](web\.[a-z.-]+[a-z])["'\x60]`).FindAllStringSubmatch(string(body), -1) {
			used[key[1]] = true
		}
	}
	for _, role := range []string{web.RoleMember, web.RoleLeader, web.RoleOrganiser} {
		used["web.role."+role], used["web.role."+role+"-about"] = true, true
	}
	seen := map[string]bool{}
	for _, k := range web.StringKeys() {
		if !used[k.Key] {
			t.Errorf("%s is used nowhere", k.Key)
		}
		if seen[k.Key] || k.English == "" || strings.Contains(k.English, "{{") {
			t.Errorf("%s: twice, or empty, or with a value", k.Key)
		}
		seen[k.Key] = true
	}
	for key := range used {
		if !seen[key] {
			t.Errorf("%s has no words", key)
		}
	}
	for _, locale := range []string{"ar", "pl", "uk"} {
		words := testWords(locale)
		for _, k := range web.StringKeys() {
			if words[k.Key] == "" {
				t.Errorf("%s: no %s", locale, k.Key)
			}
		}
		if len(words) != len(seen) {
			t.Errorf("%s has %d words of %d", locale, len(words), len(seen))
		}
	}
}

func TestWords(t *testing.T) {
	var asked []string
	a := web.New(web.Options{Shelf: &webtest.Shelf{}, Strings: func(locale string) map[string]string {
		asked = append(asked, locale)
		switch locale {
		case "ar":
			return testWords("ar")
		case "cy":
			return map[string]string{"web.send": "Anfon"}
		}
		return nil
	}})
	for query, want := range map[string]struct{ locale, dir, send, start string }{
		"":                         {"en", "ltr", "Send", "Start"},
		"ar":                       {"ar", "rtl", "إرسال", "ابدؤوا"},
		"xx,cy,ar":                 {"cy", "ltr", "Anfon", "Start"},
		"ar-SY":                    {"en", "ltr", "Send", "Start"},
		"%3Cscript%3E,ar":          {"ar", "rtl", "إرسال", "ابدؤوا"},
		strings.Repeat("xx,", 500): {"en", "ltr", "Send", "Start"},
	} {
		asked = nil
		w := get(t, a, "/strings?locale="+query)
		var got web.Words
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Locale != want.locale || got.Dir != want.dir || got.Strings["web.send"] != want.send || got.Strings["web.start"] != want.start || len(got.Strings) != len(web.StringKeys()) {
			t.Errorf("%q: %s %s %s %s", query, got.Locale, got.Dir, got.Strings["web.send"], got.Strings["web.start"])
		}
		if len(asked) > 16 || slices.Contains(asked, "") {
			t.Errorf("%q asked for %q", query, asked)
		}
	}
}

func TestCapabilities(t *testing.T) {
	got := web.New(web.Options{Address: "http://127.0.0.1:8080"}).Capabilities()
	if got.Platform != "" || got.StartLink != "http://127.0.0.1:8080/?start={}" || !got.Files || !got.Edit || !got.Pictures || !got.Location || got.ButtonRow != 3 || got.Buttons != 24 || got.MessageUnits != 4000 || got.AlertsPerSecond != 25 {
		t.Errorf("got %+v", got)
	}
	if got := web.New(web.Options{}).Capabilities(); got.StartLink != "" {
		t.Errorf("without an address the start link is %q", got.StartLink)
	}
}
