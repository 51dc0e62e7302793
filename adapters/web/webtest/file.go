package webtest

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"ella/adapters/web"
)

// Download gets the file of an item from the page at base, as a browser does
// that keeps it: under the name that the page gives it.
func Download(base string, it web.Item) (name string, data []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	address := fmt.Sprintf("%s/phones/%s/files/%d/%s", strings.TrimSuffix(base, "/"), it.Phone, it.Seq, it.File)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", nil, err
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer w.Body.Close()
	how, named, err := mime.ParseMediaType(w.Header.Get("Content-Disposition"))
	if err != nil || w.StatusCode != http.StatusOK || how != "attachment" {
		return "", nil, fmt.Errorf("no file is there to keep: %d, %q", w.StatusCode, how)
	}
	data, err = io.ReadAll(w.Body)
	return named["filename"], data, err
}
