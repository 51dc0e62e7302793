package facts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ella/adapters/facts"
)

func TestWrite(t *testing.T) {
	to := filepath.Join(t.TempDir(), "facts.json")
	inner := facts.Nested(map[string][]byte{"d": facts.Line([]string{"x"}), "c": facts.Line(1)})
	err := facts.Write(to, "there", facts.Part{Name: "one", Facts: map[string][]byte{"b": inner, "a": facts.Line(true)}}, facts.Part{Name: "two"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	const want = "{\n\"from\": \"there\",\n\"one\": {\n\"a\": true,\n\"b\": {\n  \"c\": 1,\n  \"d\": [\"x\"]}\n},\n\"two\": {\n}\n}\n"
	if string(got) != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
	if err := facts.Write(to, "there", facts.Part{Name: "one", Facts: map[string][]byte{"a": []byte("{")}}); err == nil {
		t.Error("a table that is no JSON is written")
	}
	if again, err := os.ReadFile(to); err != nil || string(again) != want {
		t.Errorf("it stands in the file, %v", err)
	}
}

func TestRead(t *testing.T) {
	folder := t.TempDir()
	write := func(name, body string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, name)
	}
	var got map[string]int
	if err := facts.Read(write("good.json", `{"a":1}`), "-api", &got); err != nil || got["a"] != 1 {
		t.Errorf("it reads %v, %v", got, err)
	}
	for name, words := range map[string]string{"": "with -api", write("bad.json", `{"a":`): "bad.json", filepath.Join(folder, "none.json"): "none.json"} {
		if err := facts.Read(name, "-api", &got); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
