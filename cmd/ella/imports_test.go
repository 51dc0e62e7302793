package main_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The walls of the house, as design and README have them: who may import whom,
// and what the tree looks like. depguard in .golangci.yml says the first of it
// again, in the editor.

const module = "ella"

// layer says what the packages of a folder may import, besides the standard
// library and each other.
type layer struct {
	folder string   // the longest one that fits counts; "bot/*" is every folder in bot
	ours   []string // packages of this repository; "bot/..." is bot and all below
	others []string // beginnings of other modules' packages; "*" is all
	tests  []string // packages of ours that only its tests may import besides
	pure   bool     // does no input or output
}

// leaves are the packages that every room may use.
var leaves = []string{"bot/message", "bot/language", "bot/place", "bot/picture", "bot/headcount", "bot/lane", "bot/code"}

// alike are the packages of what adapters have alike: each is one rule that holds for
// every platform, and a leaf.
var alike = []string{"adapters/facts", "adapters/halves", "adapters/throttle", "adapters/wire", "adapters/wording"}

// forTests is what tests below bot may use: conversations run on a real database.
var forTests = []string{"bot/...", "locales", "storage", "storage/storagetest"}

var layers = []layer{
	{folder: "cmd", ours: []string{"..."}, others: []string{"*"}},
	{folder: "locales", tests: []string{"bot/language"}},

	{folder: "bot", ours: []string{"bot/message"}, tests: forTests, pure: true},
	{folder: "bot/message", pure: true},
	{folder: "bot/lane", pure: true},
	{folder: "bot/code", pure: true},
	{folder: "bot/place", others: []string{"golang.org/x/text/"}, pure: true},
	{folder: "bot/place/generate", others: []string{"golang.org/x/text/"}},
	{
		folder: "bot/picture", ours: []string{"bot/message"}, pure: true,
		// The last one only reads in tests what the one before it has drawn.
		others: []string{"golang.org/x/image/", "github.com/boombuler/barcode/qr", "github.com/makiuchi-d/gozxing"},
	},
	{
		folder: "bot/language", ours: []string{"bot/message"}, tests: []string{"locales"}, pure: true,
		others: []string{"github.com/BurntSushi/toml", "github.com/nicksnyder/go-i18n/v2/", "golang.org/x/text/"},
	},
	{folder: "bot/headcount", ours: []string{"bot/message", "bot/language"}, tests: forTests, pure: true},
	// A room knows bot and the leaves, and never another room.
	{folder: "bot/*", ours: append([]string{"bot"}, leaves...), others: []string{"golang.org/x/time/rate"}, tests: forTests, pure: true},

	// An adapter knows its platform's own library and what adapters have alike, and never
	// another adapter.
	{folder: "adapters/*", ours: append([]string{"bot", "bot/message", "bot/language"}, alike...), others: []string{"*"}, tests: []string{"bot/...", "locales", "adapters/faulttest", "adapters/limittest"}},
	{folder: "adapters/faulttest"},
	{folder: "adapters/limittest", pure: true},
	{folder: "adapters/facts"},
	{folder: "adapters/halves", pure: true},
	{folder: "adapters/throttle", ours: []string{"bot"}, pure: true},
	{folder: "adapters/wire"},
	{folder: "adapters/wording", others: []string{"golang.org/x/text/", "github.com/clipperhouse/uax29/v2/"}, pure: true},

	{
		folder: "storage", ours: []string{"bot/..."}, tests: []string{"locales"},
		others: []string{
			"github.com/jackc/pgx/v5", "modernc.org/sqlite", "github.com/riverqueue/river", "github.com/tink-crypto/tink-go/v2/",
			"golang.org/x/crypto/", "golang.org/x/sys/", "google.golang.org/protobuf/",
		},
	},
}

// inputAndOutput is what a pure package does without.
var inputAndOutput = []string{"database/sql", "log", "net", "net/http", "os", "os/exec", "syscall"}

// judge says what is wrong with a file's import, or nothing.
func judge(file, imported string) string {
	dir := path.Dir(file)
	test := strings.HasSuffix(file, "_test.go") || forTestsOnly(dir)
	l, own := layerOf(dir)
	if l == nil {
		return "no rule in layers is about " + dir
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	switch {
	case !test && (imported == "testing" || ours && forTestsOnly(target)):
		return "only tests may import " + imported
	case ours:
		if _, house := layerOf(target); house == own || within(target, l.ours...) || test && within(target, l.tests...) {
			return ""
		}
	case !strings.Contains(strings.Split(imported, "/")[0], "."): // the standard library
		if test || !l.pure || !slices.Contains(inputAndOutput, imported) {
			return ""
		}
		return own + " does no input or output: it may not import " + imported
	case slices.ContainsFunc(l.others, func(known string) bool { return known == "*" || strings.HasPrefix(imported, known) }):
		return ""
	}
	return own + " may not import " + imported
}

// layerOf is the rule for a folder, and the folder that it treats as one house.
func layerOf(dir string) (found *layer, own string) {
	for i, l := range layers {
		base, each := strings.CutSuffix(l.folder, "/*")
		if dir != base && !strings.HasPrefix(dir, base+"/") || each && dir == base || found != nil && len(found.folder) > len(l.folder) {
			continue
		}
		found, own = &layers[i], base
		if each {
			name, _, _ := strings.Cut(strings.TrimPrefix(dir, base+"/"), "/")
			own = base + "/" + name
		}
	}
	return found, own
}

func within(dir string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		base, below := strings.CutSuffix(pattern, "...")
		base = strings.TrimSuffix(base, "/")
		return dir == base || below && (base == "" || strings.HasPrefix(dir, base+"/"))
	})
}

// forTestsOnly reports whether a package is there for tests: such are named so.
func forTestsOnly(dir string) bool {
	return strings.HasSuffix(dir, "test") || dir == "storage/internal/engines"
}

func TestImports(t *testing.T) {
	for file, src := range files(t, ".go") {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := judge(file, imported); wrong != "" {
				t.Errorf("%s: %s", file, wrong)
			}
		}
	}
}

// TestImportsCanFail runs imports that must and must not be allowed through the
// same judge.
func TestImportsCanFail(t *testing.T) {
	for _, c := range []struct{ file, imported, want string }{
		{"bot/message/message.go", "ella/bot", "bot/message may not import ella/bot"},
		{"bot/message/message.go", "golang.org/x/text/language", "bot/message may not import golang.org/x/text/language"},
		{"bot/adapter.go", "ella/bot/language", "bot may not import ella/bot/language"},
		{"bot/adapter.go", "net/http", "bot does no input or output: it may not import net/http"},
		{"bot/place/find.go", "ella/bot/message", "bot/place may not import ella/bot/message"},
		{"bot/language/bundle.go", "ella/locales", "bot/language may not import ella/locales"},
		{"bot/alert/alert.go", "ella/bot/action", "bot/alert may not import ella/bot/action"},
		{"bot/alert/alert.go", "ella/storage", "bot/alert may not import ella/storage"},
		{"bot/alert/alert.go", "github.com/slack-go/slack", "bot/alert may not import github.com/slack-go/slack"},
		{"bot/alert/alert.go", "ella/bot/bottest", "only tests may import ella/bot/bottest"},
		{"bot/alert/alert.go", "os", "bot/alert does no input or output: it may not import os"},
		{"bot/alert/alert_test.go", "ella/adapters/web", "bot/alert may not import ella/adapters/web"},
		{"bot/bottest/contract.go", "ella/adapters/web", "bot/bottest may not import ella/adapters/web"},
		{"adapters/web/web.go", "ella/storage", "adapters/web may not import ella/storage"},
		{"adapters/web/web.go", "ella/bot/alert", "adapters/web may not import ella/bot/alert"},
		{"adapters/web/web.go", "ella/adapters/telegram", "adapters/web may not import ella/adapters/telegram"},
		{"adapters/wire/wire.go", "ella/bot", "adapters/wire may not import ella/bot"},
		{"adapters/wire/wire.go", "ella/adapters/telegram", "adapters/wire may not import ella/adapters/telegram"},
		{"adapters/slack/slack.go", "ella/adapters/faulttest", "only tests may import ella/adapters/faulttest"},
		{"adapters/throttle/gate.go", "ella/adapters/wire", "adapters/throttle may not import ella/adapters/wire"},
		{"adapters/halves/halves.go", "ella/adapters/wire", "adapters/halves may not import ella/adapters/wire"},
		{"adapters/throttle/throttle.go", "net/http", "adapters/throttle does no input or output: it may not import net/http"},
		{"adapters/wording/cut.go", "github.com/slack-go/slack", "adapters/wording may not import github.com/slack-go/slack"},
		{"adapters/web/web.go", "ella/adapters/web/webtest", "only tests may import ella/adapters/web/webtest"},
		{"adapters/web/web_test.go", "ella/adapters/slack/slacktest", "adapters/web may not import ella/adapters/slack/slacktest"},
		{"storage/open.go", "ella/adapters/web", "storage may not import ella/adapters/web"},
		{"storage/open.go", "ella/cmd/ella", "storage may not import ella/cmd/ella"},
		{"storage/open.go", "testing", "only tests may import testing"},
		{"storage/open.go", "gorm.io/gorm", "storage may not import gorm.io/gorm"},
		{"locales/locales.go", "ella/bot/language", "locales may not import ella/bot/language"},
		{"cmd/ella/main.go", "ella/storage/storagetest", "only tests may import ella/storage/storagetest"},
		{"util/strings.go", "strings", "no rule in layers is about util"},

		{"bot/alert/alert.go", "ella/bot", ""},
		{"bot/alert/alert.go", "ella/bot/place", ""},
		{"bot/alert/alert.go", "ella/bot/alert/draft", ""},
		{"bot/alert/alert_test.go", "ella/storage/storagetest", ""},
		{"bot/bottest/contract.go", "testing", ""},
		{"adapters/slack/slack.go", "github.com/slack-go/slack", ""},
		{"adapters/slack/slack.go", "ella/adapters/wire", ""},
		{"adapters/throttle/gate.go", "ella/bot", ""},
		{"adapters/slack/slacktest/fake.go", "ella/adapters/faulttest", ""},
		{"adapters/wire/wire.go", "net/http", ""},
		{"adapters/slack/slacktest/fake.go", "ella/adapters/slack", ""},
		{"storage/alert.go", "ella/bot/alert", ""},
		{"storage/storagetest/storagetest.go", "ella/storage/internal/engines", ""},
		{"cmd/ella/main.go", "ella/adapters/slack", ""},
	} {
		if got := judge(c.file, c.imported); got != c.want {
			t.Errorf("%s imports %s: got %q, want %q", c.file, c.imported, got, c.want)
		}
	}
}

// platforms are what the core never asks about.
var platforms = regexp.MustCompile(`(?i)telegram|slack|whatsapp`)

// namedPlatforms lists the identifiers and strings of a source that name one.
func namedPlatforms(t *testing.T, file string, src []byte) (found []string) {
	t.Helper()
	tokens := token.NewFileSet()
	parsed, err := parser.ParseFile(tokens, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		text := ""
		switch n := n.(type) {
		case *ast.Ident:
			text = n.Name
		case *ast.BasicLit:
			text = n.Value
		}
		if platforms.MatchString(text) {
			found = append(found, fmt.Sprintf("%s names %s", tokens.Position(n.Pos()), text))
		}
		return true
	})
	return found
}

func TestCoreNamesNoPlatform(t *testing.T) {
	for file, src := range files(t, ".go") {
		if strings.HasPrefix(file, "bot/") {
			for _, found := range namedPlatforms(t, file, src) {
				t.Error(found)
			}
		}
	}
	example := "package p\n\n// Slack in a comment is fine.\nconst onTelegram = `whatsapp:`\n"
	if found := namedPlatforms(t, "example.go", []byte(example)); len(found) != 2 {
		t.Errorf("in the example: found %q, want the identifier and the string", found)
	}
}

// initFunction finds what runs before main without being called.
var initFunction = regexp.MustCompile(`(?m)^func init\(`)

func TestNothingRunsBeforeMain(t *testing.T) {
	for file, src := range files(t, ".go") {
		if !strings.HasSuffix(file, "_test.go") && initFunction.Match(src) {
			t.Errorf("%s has an init function: call what it does from where it is needed", file)
		}
	}
}

func TestTopLevel(t *testing.T) {
	want := []string{"Makefile", "README.md", "adapters", "bot", "cmd", "go.mod", "go.sum", "locales", "storage"}
	entries, err := fs.ReadDir(root(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !ignored(t)(e.Name()) {
			got = append(got, e.Name())
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the top level is\n%q\nand should be\n%q", got, want)
	}
}

// machinePath finds the path of a file as it is on one machine only.
var machinePath = regexp.MustCompile(`(^|[^\w.-])/(work|root|home)/\w`)

func TestNoPathOfOneMachine(t *testing.T) {
	for file, body := range files(t, "") {
		if at := machinePath.FindIndex(body); at != nil {
			t.Errorf("%s:%d holds a path of one machine", file, 1+bytes.Count(body[:at[0]], []byte("\n")))
		}
	}
	for text, want := range map[string]bool{"cd /" + "home/ella": true, "\n/" + "work/main\n": true, "https://example.org/" + "home/x": false} {
		if machinePath.MatchString(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}

// Files longer than this are told of, or refused: nobody reads them in one go.
const longFile, tooLongFile = 450, 600

func TestFilesAreShort(t *testing.T) {
	for file, src := range files(t, ".go") {
		switch lines := bytes.Count(src, []byte("\n")); {
		case lines > tooLongFile:
			t.Errorf("%s has %d lines: split it by what its parts are about", file, lines)
		case lines > longFile:
			t.Logf("%s has %d lines: think of splitting it", file, lines)
		}
	}
}

// root is the repository.
func root() fs.FS { return os.DirFS("../..") }

// files reads all files of the repository whose names end so, by path, without
// what git ignores. Go files in testdata are no part of the program.
func files(t *testing.T, extension string) map[string][]byte {
	t.Helper()
	skip, found := ignored(t), map[string][]byte{}
	err := fs.WalkDir(root(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || skip(name) || extension == ".go" && d.Name() == "testdata"):
			return fs.SkipDir
		case !d.Type().IsRegular() || skip(name) || !strings.HasSuffix(name, extension):
			return nil
		}
		body, err := fs.ReadFile(root(), name)
		found[name] = body
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 9 {
		t.Fatalf("found only %d files: is this the repository?", len(found))
	}
	return found
}

// ignored reports whether git ignores a path, as far as .gitignore uses git's
// language: "/name" at the top level, else a pattern for names.
func ignored(t *testing.T) func(name string) bool {
	t.Helper()
	body, err := fs.ReadFile(root(), ".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(body))
	return func(name string) bool {
		return slices.ContainsFunc(lines, func(line string) bool {
			pattern, top := strings.CutPrefix(strings.TrimSuffix(line, "/"), "/")
			if top {
				return name == pattern
			}
			match, err := path.Match(pattern, path.Base(name))
			return err == nil && match
		})
	}
}
