package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestRun(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"uk_sectors_gb.csv": "sector,lat,lng,n,radius_km_p90\n" +
			"W11 1,51.5100,-0.2100,300,0.6\n" +
			"W11 9,51.5133,-0.3089,171,8.3\n" + // at the office of W13
			"W13 3,51.5133,-0.3089,89,0.0\n" +
			"W13 8,51.5150,-0.3200,250,0.7\n" +
			"PA62 6,56.4800,-6.2000,1,0.0\n" + // one farm, and no post box
			"NPT 1,51.5857,-2.9959,257,0.6\n",
		"uk_outcodes_gb.csv": "outcode,lat,lng,n,radius_km_p90\nW11,51.5110,-0.2120,471,0.7\nNPT,51.5877,-2.9943,2417,3.4\n",
		"gb_places.tsv": "geonameid\tname\tfeature\tadmin1\tpopulation\tlat\tlng\n" +
			"1\tLincoln\tPPLA2\tENG\t114879\t53.22683\t-0.53792\n" +
			"2\tLondonderry County Borough\tPPLX\tNIR\t87153\t54.99721\t-7.30917\n",
		"gb_altnames.tsv": "geonameid\tlang\tname\n1\tur\tلنکن، انگلستان\n1\tfa\tلینکلن\n1\tps\tلینکلن\n",
	} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(from, to); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"sectors.tsv.gz": "W11 1\t51.5100\t-0.2100\n" +
			"W11 9\t51.5133\t-0.3089\tboxes\n" +
			"W13 3\t51.5133\t-0.3089\tboxes\n" +
			"W13 8\t51.5150\t-0.3200\n" +
			"PA62 6\t56.4800\t-6.2000\n",
		"outcodes.tsv.gz": "W11\t51.5110\t-0.2120\n",
		"towns.tsv.gz":    "Lincoln\tENG\t114879\t53.22683\t-0.53792\tلنکن,لینکلن\n",
	} {
		if got := unpacked(t, filepath.Join(to, name)); got != want {
			t.Errorf("%s holds\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestRunNeedsTables(t *testing.T) {
	for _, from := range []string{"", t.TempDir()} {
		if err := run(from, t.TempDir()); err == nil {
			t.Error("no error without tables")
		}
	}
}

func unpacked(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
