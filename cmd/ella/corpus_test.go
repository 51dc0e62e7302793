package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ella/bot"
	"ella/bot/alert"
	"ella/bot/bottest"
	"ella/bot/group"
	"ella/bot/groupchat"
	"ella/bot/message"
	"ella/bot/relay"
)

// The corpus holds what every release stored or left in people's chats. Files
// and lines are only ever added to it, never changed; a new version of a shape
// gets a folder of its own. What a later release no longer does, it still
// answers. Messages have their corpus in bot/message, raw updates in each adapter.
const corpus = "testdata/corpus"

// The rows that the corpus speaks of.
const (
	corpusAlert        bot.AlertID        = "01kaxm5g80000001"
	corpusAction       bot.ActionID       = "01kaxm5g80000002"
	corpusGroup        bot.GroupID        = "01kaxm5g80000003"
	corpusOrganisation bot.OrganisationID = "01kaxm5g80000004"
	corpusPartner      bot.OrganisationID = "01kaxm5g80000007"
	corpusLetter       bot.LetterID       = "01kaxm5g80000008"
	corpusChat         bot.GroupChatID    = "01kaxm5g80000009"
)

// corpusStage is a stage with those rows, but for the alert: grace is an
// organiser of both organisations, omar is with the group and wrote the letter, and
// lee is a member.
func corpusStage(t *testing.T, e embedded) *stage {
	t.Helper()
	s := newFileStage(t, e, "grace", "omar", "lee")
	grace, omar := s.meet(t, "grace"), s.meet(t, "omar")
	s.meet(t, "lee")
	now := s.app.clock.Now()
	leeds, ok := e.places.Sector("LS1 5")
	if !ok {
		t.Fatal("there is no LS1 5")
	}
	g := group.Group{ID: corpusGroup, Organisation: corpusOrganisation, Source: "corpus", ForeignID: "1", Name: "Women's Cultural Exchange", Place: "LS1 5", Point: leeds.Point}
	err := s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		members := s.db.Members()
		return errors.Join(
			members.AddOrganisation(ctx, tx, bot.Organisation{ID: corpusOrganisation, Name: "Corpus", Zone: "Europe/London"}),
			s.db.Roles().Grant(ctx, tx, grace.Member.ID, bot.Role{Kind: bot.Organiser, Organisation: corpusOrganisation}, now),
			members.AddOrganisation(ctx, tx, bot.Organisation{ID: corpusPartner, Name: "Partner", Zone: "Europe/London"}),
			s.db.Roles().Grant(ctx, tx, grace.Member.ID, bot.Role{Kind: bot.Organiser, Organisation: corpusPartner}, now),
			members.Agree(ctx, tx, grace.Member.ID, corpusOrganisation, now),
			s.db.Groups().Save(ctx, tx, []group.Group{g}, now),
			s.db.Groups().With(ctx, tx, omar.Member.ID, g, now),
			s.db.Letters().Write(ctx, tx, relay.Letter{
				ID: corpusLetter, Kind: relay.Complaint, Organisation: bot.Organisation{ID: corpusOrganisation}, From: omar.Member.ID, Locale: "en", Text: "It was cold.",
			}, now),
			s.db.GroupChats().Connect(ctx, tx, groupchat.Chat{
				ID: corpusChat, Group: groupchat.Group{ID: corpusGroup}, Account: s.Account, Number: 1, Locales: []string{"en"},
			}, bottest.GroupPrefix+"corpus", "", now),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// draft makes the corpus' alert anew.
func (s *stage) draft(t *testing.T, audience alert.Audience, variants ...alert.Variant) {
	t.Helper()
	grace, _, err := s.db.Engine("").Person(t.Context(), s.Account, "grace")
	if err != nil {
		t.Fatal(err)
	}
	now := s.app.clock.Now()
	err = s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		if err := s.db.Alerts().Discard(ctx, tx, corpusAlert); err != nil && !errors.Is(err, bot.ErrConflict) {
			return err
		}
		return s.db.Alerts().Create(ctx, tx, alert.Alert{
			ID: corpusAlert, Organisation: corpusOrganisation, Author: grace.Member.ID, Action: corpusAction, Audience: audience,
			State: alert.Draft, Expires: now.Add(time.Hour), Variants: variants,
		}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	inEnglish = alert.Variant{Locale: "en", Text: "Come on Sunday."}
	inArabic  = alert.Variant{Locale: "ar", Text: "تعالوا يوم الأحد."}
	nearLeeds = alert.Audience{Place: "LS1 5", PlaceName: "Leeds", Km: 5}
)

// replay calls f with every file of a part of the corpus, by its name without
// the extension, and holds its bytes against how they are stored again.
func replay[T any](t *testing.T, part string, f func(t *testing.T, name string, stored T)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpus, "*", part, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var stored T
			if err := json.Unmarshal(body, &stored); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(stored)
			if err != nil || string(again) != strings.TrimSpace(string(body)) {
				t.Errorf("it is\n%s\nand is stored again as\n%s (%v)", body, again, err)
			}
			f(t, strings.TrimSuffix(filepath.Base(file), ".json"), stored)
		})
	}
}

// goOn puts somebody into the middle of a conversation.
func (s *stage) goOn(t *testing.T, who string, step bot.Step) {
	t.Helper()
	p, conversation, err := s.db.Engine("").Person(t.Context(), s.Account, who)
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.Write(t.Context(), func(ctx context.Context, tx bot.Tx) error {
		return s.db.Engine("").Converse(ctx, tx, p.Member.ID, &step, conversation.Version)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStepCorpus goes on with a conversation from every step that was ever
// stored: with words, a place, a sticker, and a button of another room.
func TestStepCorpus(t *testing.T) {
	s := corpusStage(t, loadEmbedded(t))
	words := map[string]string{"member.code": "wrong code", "role.code": "wrong code", "member.other-language": "Gaelic", "group.place": "Luton", "alert.place": "Luton"}
	replay(t, "steps", func(t *testing.T, name string, step bot.Step) {
		text := words[name]
		if text == "" {
			text = "Come on Monday."
		}
		for what, u := range map[string]bot.Update{
			"words":   {Kind: bot.TextSent, Text: text},
			"a place": {Kind: bot.LocationShared, Lat: 51.88, Lng: -0.42},
			"a file":  {Kind: bot.Unsupported},
			"a press": {Kind: bot.ButtonPressed, Data: "v1:do::help", Press: "press"},
		} {
			s.draft(t, nearLeeds, inEnglish, inArabic)
			s.goOn(t, "grace", step)
			u.Sender = "grace"
			h := s.act(t, u)
			if len(h) == 0 {
				t.Errorf("%s: no answer", what)
			}
			// A place is no answer to a question for words, and may be told so.
			if h.says(s, "lost.old-step") && what != "a place" {
				t.Errorf("%s: it is not known any more:\n%s", what, h.text())
			}
		}
		s.allWell(t)
	})
	t.Run("of a later version", func(t *testing.T) {
		for _, stored := range []string{
			`{"room":"alert","name":"text","v":2}`, `{"room":"alert","name":"nosuchstep","v":1}`, `{"room":"nosuchroom","name":"text","v":1}`,
			`{"room":"alert","name":"variant","v":1,"data":[1,2]}`, `{"room":"","name":"","v":0}`,
		} {
			var step bot.Step
			if err := json.Unmarshal([]byte(stored), &step); err != nil {
				t.Fatal(err)
			}
			s.goOn(t, "grace", step)
			if h := s.say(t, "grace", "where was I?"); !h.says(s, "lost.old-step") {
				t.Errorf("%s: answered with\n%s", stored, h.text())
			}
			if h := s.say(t, "grace", "and now?"); !h.says(s, "lost.no-command") {
				t.Errorf("%s: goes on for ever:\n%s", stored, h.text())
			}
		}
		s.allWell(t)
	})
}

// TestAudienceCorpus previews an alert to every kind of audience that was ever stored.
func TestAudienceCorpus(t *testing.T) {
	s := corpusStage(t, loadEmbedded(t))
	replay(t, "audiences", func(t *testing.T, name string, a alert.Audience) {
		s.draft(t, a, inEnglish)
		h := s.press(t, "grace", "v1:alert.preview:"+string(corpusAlert)+":")
		// A place that the map no longer has is near to nobody, rather than to all.
		// That nobody fits is not told apart from that few do.
		nobody := name == "gone-place"
		if h.says(s, "alert.confirm") == nobody || h.says(s, "alert.nobody") != nobody || h.says(s, "alert.perhaps-nobody") == nobody {
			t.Errorf("previewed as\n%s", h.text())
		}
		s.allWell(t)
	})
}

// TestButtonCorpus presses every button that ever stood in a chat: as whoever
// may, and as everybody else, while the alert is a draft, is one without a
// language, is sent, and is gone. There is always an answer, and never a fault.
func TestButtonCorpus(t *testing.T) {
	body, err := os.ReadFile(filepath.Join(corpus, "v1", "verbs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var buttons []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			buttons = append(buttons, line)
		}
	}
	e := loadEmbedded(t)
	for name, scene := range map[string]struct {
		prepare func(t *testing.T, s *stage) // before all presses
		before  func(t *testing.T, s *stage) // before each
		knows   func(data string) string     // who may press it in this scene, if anybody
	}{
		"draft": {
			before: func(t *testing.T, s *stage) { s.draft(t, nearLeeds, inEnglish, inArabic) },
			knows: func(data string) string {
				switch {
				case strings.Contains(data, ":action."), strings.Contains(data, ":alert.call-for:"), strings.HasSuffix(data, ".cancel:"+string(corpusAlert)+":"):
					return ""
				case isForged(data):
					return ""
				case strings.Contains(data, ":alert."), strings.Contains(data, ":role.list:"), strings.Contains(data, ":role.lead:"),
					strings.Contains(data, ":relay.read:"), strings.Contains(data, ":relay.answer:"),
					strings.Contains(data, ":member.mute:"), strings.Contains(data, ":member.hear:"), strings.Contains(data, ":groupchat."):
					return "grace"
				case strings.Contains(data, ":role."):
					return ""
				}
				return "lee"
			},
		},
		"draft without a language": {
			before: func(t *testing.T, s *stage) { s.draft(t, alert.Audience{}, alert.Variant{Text: "Come on Sunday."}) },
		},
		"sent": {
			prepare: func(t *testing.T, s *stage) {
				s.draft(t, alert.Audience{Group: corpusGroup, GroupName: "x"}, inEnglish)
				s.press(t, "omar", "v1:member.agree:"+string(corpusOrganisation)+":yes")
				if h := s.press(t, "grace", "v1:alert.send:"+string(corpusAlert)+":0"); !h.says(s, "progress.done") {
					t.Fatalf("sending went another way:\n%s", h.text())
				}
			},
			knows: func(data string) string {
				switch {
				case strings.Contains(data, ":action.rsvp:"), strings.Contains(data, ":action.plus:"), strings.Contains(data, ":action.said:"):
					return "omar"
				case isForged(data):
					return ""
				case strings.Contains(data, ":action."), strings.Contains(data, ":alert."):
					return "grace"
				}
				return ""
			},
		},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := corpusStage(t, e)
			if scene.prepare != nil {
				scene.prepare(t, s)
			}
			for i, data := range buttons {
				if _, ok := message.ParseAction(data); !ok {
					t.Errorf("%s can't be read any more", data)
				}
				stranger := fmt.Sprintf("stranger-%d", i) // who has never written
				s.Platform.Open(stranger)
				for _, who := range []string{stranger, "lee", "omar", "grace"} {
					if scene.before != nil && strings.Contains(data, ":alert.") {
						scene.before(t, s)
					}
					h := s.press(t, who, data)
					if len(h) == 0 {
						t.Errorf("%s, pressed by %s: no answer", data, who)
					}
					knows := scene.knows != nil && scene.knows(data) == who
					if knows && (h.says(s, "lost.old-button") || h.says(s, "lost.no-such-right")) {
						t.Errorf("%s, pressed by %s: it is not known any more:\n%s", data, who, h.text())
					}
					// Nobody but an organiser hears anything of an alert.
					if who != "grace" && strings.Contains(data, ":alert.") && !h.says(s, "lost.no-such-right") && !h.says(s, "start.title") {
						t.Errorf("%s, pressed by %s, is answered with\n%s", data, who, h.text())
					}
				}
				for verb, back := range map[string]string{
					"v1:do::stop": "v1:do::resume", "v1:member.language:": "v1:member.language::en", "v1:group.leave:": "v1:group.with:" + string(corpusGroup) + ":",
				} {
					for _, who := range []string{"lee", "omar", "grace"} {
						if strings.HasPrefix(data, verb) {
							s.press(t, who, back)
						}
					}
				}
			}
			s.allWell(t)
		})
	}
}

// isForged reports data that no button in a private chat ever carries, or that means
// nothing where there is no such platform.
func isForged(data string) bool {
	for _, verb := range []string{":alert.form:", ":alert.roster:", ":relay.ask:", ":groupchat.begin:", ":address.prefer:", ":address.part"} {
		if strings.Contains(data, verb) {
			return true
		}
	}
	return false
}

// TestCorpusIsWhole looks up in the source which verbs and steps the rooms have:
// each is in the corpus.
func TestCorpusIsWhole(t *testing.T) {
	verbs, err := os.ReadFile(filepath.Join(corpus, "v1", "verbs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	shared, err := filepath.Glob("../../bot/*.go")
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := filepath.Glob("../../bot/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(shared, rooms...) {
		for name, value := range constants(t, file) {
			switch {
			case regexp.MustCompile(`^[vV]erb[A-Z]`).MatchString(name):
				found++
				if !strings.Contains(string(verbs), "\nv1:"+value+":") {
					t.Errorf("verbs.txt lacks a button of %s", value)
				}
			case regexp.MustCompile(`^step[A-Z]`).MatchString(name):
				found++
				room := filepath.Base(filepath.Dir(file))
				if _, err := os.Stat(filepath.Join(corpus, "v1", "steps", room+"."+value+".json")); err != nil {
					t.Errorf("the corpus lacks a step: %v", err)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("found only %d verbs and steps: do the constants have other names?", found)
	}
}

// constants are the string constants of a file, by name.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING && i < len(spec.Names) {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				all[spec.Names[i].Name] = value
			}
		}
		return true
	})
	return all
}
