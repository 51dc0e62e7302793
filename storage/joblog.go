package storage

import (
	"context"
	"log/slog"
)

// quiet drops everything.
var quiet = slog.New(slog.DiscardHandler)

// riverLog lets River's warnings and errors through without their attributes,
// which may hold a job's arguments or a worker's error. What happens to a job is
// logged by jobWorker.
func riverLog(to *slog.Logger) *slog.Logger { return slog.New(riverHandler{to.Handler()}) }

type riverHandler struct{ to slog.Handler }

func (h riverHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.to.Enabled(ctx, level)
}

func (h riverHandler) Handle(ctx context.Context, r slog.Record) error {
	bare := slog.NewRecord(r.Time, r.Level, "jobs: "+r.Message, r.PC)
	return h.to.Handle(ctx, bare)
}

func (h riverHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h riverHandler) WithGroup(string) slog.Handler { return h }
