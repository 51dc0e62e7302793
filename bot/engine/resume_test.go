package engine_test

import "testing"

// An account that comes while the engine runs finds what waited for it, once.
func TestResume(t *testing.T) {
	h := newHouse(t, options{})
	other, err := h.db.Account(t.Context(), "memory", "other")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.options.Store.Accept(t.Context(), h.options.IDs.New(), h.platform.Raw(other, text("a", "hello"))); err != nil {
		t.Fatal(err)
	}
	if err := h.Resume(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	h.Wait()
	if left := h.waiting(); len(left) != 1 {
		t.Fatalf("before it is served %d wait", len(left))
	}
	h.options.Adapters.Put(other, h.platform)
	if err := h.Resume(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	h.Wait()
	h.hears("what waited", "a", "home lost no-command")
}
