package main

import (
	"context"
	"net/http"
	"time"

	"ella/storage"
)

// health answers whoever watches over the process.
type health struct{ db *storage.DB }

// register adds /healthz (the process runs) and /readyz (it can take updates).
func (h health) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := h.db.Ping(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, "the database does not answer\n")
			return
		}
		answer(w, http.StatusOK, "ready\n")
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
