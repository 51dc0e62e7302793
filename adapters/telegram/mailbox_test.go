package telegram_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ella/adapters/telegram"
)

// mailbox is a Bot API in memory that takes what is sent, for tests that run in a
// bubble of time or want answers that no server gives.
type mailbox struct {
	mu     sync.Mutex
	posted []posted
	last   int
	// answer says what comes back; nil leaves it to the usual. It may block.
	answer func(p posted) *scriptedAnswer
}

// posted is one request.
type posted struct {
	method  string
	values  map[string]string
	files   map[string][]byte
	at      time.Time
	request *http.Request
}

func (p posted) chat() int64 {
	n, _ := strconv.ParseInt(p.values["chat_id"], 10, 64)
	return n
}

// RoundTrip implements http.RoundTripper.
func (m *mailbox) RoundTrip(r *http.Request) (*http.Response, error) {
	p := posted{method: path.Base(r.URL.Path), values: map[string]string{}, files: map[string][]byte{}, at: time.Now(), request: r}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for {
			part, err := parts.NextPart()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			value, err := io.ReadAll(part)
			if err != nil {
				return nil, err
			}
			if part.FileName() != "" {
				p.files[part.FormName()] = value
			} else {
				p.values[part.FormName()] = string(value)
			}
		}
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.WroteHeaders()
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	m.mu.Lock()
	m.posted = append(m.posted, p)
	m.last++
	id, answer := m.last, m.answer
	m.mu.Unlock()
	var a *scriptedAnswer
	if answer != nil {
		a = answer(p)
	}
	switch {
	case a != nil:
	case p.method == "getMe":
		a = result(`{"id":123456789,"is_bot":true,"first_name":"Ella","username":"ella_test_bot"}`)
	case strings.HasPrefix(p.method, "send") && p.method != "sendChatAction":
		a = result(fmt.Sprintf(`{"message_id":%d}`, id))
	default:
		a = result(`true`)
	}
	if a.err != nil {
		return nil, a.err
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// got are the requests of one method so far, or of all that send or edit.
func (m *mailbox) got(method string) (all []posted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.posted {
		writes := strings.HasPrefix(p.method, "send") || strings.HasPrefix(p.method, "edit")
		if p.method == method || method == "" && writes {
			all = append(all, p)
		}
	}
	return all
}

// posting is an adapter that sends into a mailbox.
func posting(t *testing.T, m *mailbox, change ...func(*telegram.Options)) *telegram.Adapter {
	t.Helper()
	o := telegram.Options{Account: "one", Token: token, Shelf: &shelf{}, Transport: m, Rate: 25, Log: everything.log()}
	for _, c := range change {
		c(&o)
	}
	a, err := telegram.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
