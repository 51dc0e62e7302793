package language_test

import (
	"os"
	"testing"

	"ella/bot/language"
)

func benchmarked(b *testing.B) language.Printer {
	return load(b, map[string]string{
		"en": "plain = \"When\"\nmeet = \"Meet {{.Name}} at {{.Place}}, please.\"\nn.one = \"{{.Count}} person\"\nn.other = \"{{.Count}} people\"\n",
	}).For("en")
}

func BenchmarkEntryPlain(b *testing.B) {
	p := benchmarked(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Text("plain")
	}
}

func BenchmarkEntryWithValues(b *testing.B) {
	p := benchmarked(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Spans("meet", language.Person("Name", "Ann"), language.Place("Place", "Leeds"))
	}
}

func BenchmarkEntryPlural(b *testing.B) {
	p := benchmarked(b)
	b.ReportAllocs()
	for b.Loop() {
		p.Plural("n", 12345)
	}
}

func BenchmarkResolve(b *testing.B) {
	bundle := shipped(b)
	for b.Loop() {
		bundle.Resolve("uk-UA")
	}
}

func BenchmarkCommandFor(b *testing.B) {
	bundle := shipped(b)
	for b.Loop() {
		bundle.CommandFor("Please stop!")
	}
}

func BenchmarkLoad(b *testing.B) {
	fsys := os.DirFS(folder)
	for b.Loop() {
		if bundle, _ := language.Load(fsys); bundle == nil {
			b.Fatal("no bundle")
		}
	}
}
