package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// logKeys are the only keys that reach the log. Everything else is dropped, so
// that a new line of code can't put a person into it by mistake: deny by
// default. Values under these keys are closed reasons, counts, durations, ids of
// accounts, and errors, which by contract hold nothing personal.
func logKeys() map[string]bool {
	keys := map[string]bool{}
	for _, k := range []string{
		"err", "reason", "attempt", "parked", "stack", "panic", "account", "again", "unknown", "what", "kind", "code",
		"version", "database", "count", "took", "job", "units", "fix", "path",
	} {
		keys[k] = true
	}
	return keys
}

// allowList passes on only the attributes whose keys are allowed.
type allowList struct {
	next slog.Handler
	keys map[string]bool
}

func (h allowList) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h allowList) Handle(ctx context.Context, r slog.Record) error {
	kept := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if h.keys[a.Key] {
			kept.AddAttrs(a)
		}
		return true
	})
	return h.next.Handle(ctx, kept)
}

func (h allowList) WithAttrs(attrs []slog.Attr) slog.Handler {
	var kept []slog.Attr
	for _, a := range attrs {
		if h.keys[a.Key] {
			kept = append(kept, a)
		}
	}
	return allowList{next: h.next.WithAttrs(kept), keys: h.keys}
}

// WithGroup drops groups: their keys would not be looked at.
func (h allowList) WithGroup(string) slog.Handler { return h }

// logOptions reads "text", "json,debug", "warn".
func logOptions(setting string) (*slog.HandlerOptions, error) {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	for _, word := range strings.FieldsFunc(strings.ToLower(setting), func(c rune) bool { return c == ',' || c == ' ' }) {
		if word == "text" || word == "json" {
			continue
		}
		var level slog.Level
		if err := level.UnmarshalText([]byte(word)); err != nil {
			return nil, fmt.Errorf("ELLA_LOG=%q: use text or json, and after a comma debug, info, warn or error", setting)
		}
		options.Level = level
	}
	return options, nil
}

func newLog(w io.Writer, setting string, options *slog.HandlerOptions) *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(w, options)
	if strings.Contains(strings.ToLower(setting), "json") {
		h = slog.NewJSONHandler(w, options)
	}
	return slog.New(allowList{next: h, keys: logKeys()})
}
