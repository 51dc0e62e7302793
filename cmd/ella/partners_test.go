package main

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ella/bot"
	"ella/bot/bottest"
)

const luton = "Luton Roma Trust"

// twoOrganisations is a stage on which grace and gil organise Common Ground, ben and
// bea another organisation, and ali a third. Grace has asked her people to come:
// ours are the chats of those who never say a word.
func twoOrganisations(t *testing.T, crowds ...string) (s *stage, partner bot.Organisation, ours []string) {
	t.Helper()
	s = newFileStage(t, loadEmbedded(t), "grace", "gil", "ben", "bea", "ali", "omar")
	s.meet(t, "omar")
	s.meet(t, "grace", append([]string{"role organiser"}, crowds...)...)
	s.meet(t, "gil", "role organiser")
	for _, who := range []string{"ben", "bea"} {
		s.press(t, who, "v1:member.language::en")
		s.press(t, who, "v1:member.consent::yes")
		if err := s.do(t.Context(), who, "role organiser at "+luton); err != nil {
			t.Fatal(err)
		}
	}
	s.press(t, "ali", "v1:member.language::en")
	s.press(t, "ali", "v1:member.consent::yes")
	if err := s.do(t.Context(), "ali", "role organiser at Amare"); err != nil {
		t.Fatal(err)
	}
	partner, err := s.other(t.Context(), luton)
	if err != nil {
		t.Fatal(err)
	}
	s.say(t, "grace", "/alert Picnic on Sunday.\nBring a blanket.")
	for _, label := range []string{"English", "🙋 Ask who is coming", "👁 Look and send"} {
		s.presses(t, "grace", label)
	}
	ours = s.reaches(t, "grace", "✅ Send now")
	s.presses(t, "grace", "📊 Who is coming")
	return s, partner, ours
}

// shows fails the test unless what was heard holds all of these.
func (h heard) shows(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(h.text(), w) {
			t.Errorf("it lacks %q:\n%s", w, h.text())
		}
	}
}

func (s *stage) newest(t *testing.T, who string) string {
	t.Helper()
	shown := s.Platform.Shown(who)
	return bottest.Visible(shown[len(shown)-1].Message.Text())
}

// reaches presses a button and returns the chats of the crowd that something was
// sent to.
func (s *stage) reaches(t *testing.T, who, label string) []string {
	t.Helper()
	var mu sync.Mutex
	var crowd []string
	raw := s.Platform.Raw(s.Account, bot.Update{Kind: bot.ButtonPressed, Sender: who, Chat: who, Data: s.button(t, who, label)})
	s.Platform.OnSent(func(chat string, _ bottest.Shown) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(chat, "crowd-") {
			crowd = append(crowd, chat)
		}
	})
	defer s.Platform.OnSent(nil)
	if err := s.Accept(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(crowd)
	return crowd
}

// behind runs a statement behind Ella's back, and returns what it selects, a row a
// line.
func (s *stage) behind(t *testing.T, statement string) string {
	t.Helper()
	db, err := sql.Open("sqlite", s.file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		for _, value := range row {
			fmt.Fprintf(&all, "%v ", *value.(*any))
		}
		all.WriteString("\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
