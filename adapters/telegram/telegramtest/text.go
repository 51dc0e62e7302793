package telegramtest

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxSource is how many bytes a text may have before parsing [srv: get_formatted_text].
	maxSource = 1 << 15
	// maxClean is how many bytes of a text the server reads [td: clean_input_string].
	maxClean = 35_000
	// maxEntities is how many entities it keeps; undocumented, libraries count on it.
	maxEntities = 100
)

// formatted is a text as a person reads it, and as it was asked for.
type formatted struct {
	text, written string
	entities      []Entity
}

// text reads a text or caption with its markup; s.mu is held. name and entities
// are the parameters it stands in.
func (s *Server) text(c *call, name, entities string) (formatted, *apiError) {
	source := c.values[name]
	caption := name == "caption"
	switch {
	case source == "" && !caption:
		s.breach(c, RuleText, "an empty text")
		return formatted{}, badRequest("message text is empty")
	case source == "":
		return formatted{}, nil
	case !utf8.ValidString(source):
		s.breach(c, RuleText, "a text that is no UTF-8")
		return formatted{}, badRequest("strings must be encoded in UTF-8")
	case len(source) > maxSource:
		s.breach(c, RuleText, "a text of %d bytes with its markup", len(source))
		return formatted{}, badRequest("text is too long")
	}
	runes, spans, e := s.parseText(c, source, entities)
	if e != nil {
		return formatted{}, e
	}
	written := string(runes)
	runes, spans = trim(clean(runes, spans))
	if isEmpty(runes) {
		if caption {
			return formatted{}, nil
		}
		s.breach(c, RuleText, "a text of nothing but white space")
		return formatted{}, badRequest("text must be non-empty")
	}
	f := s.table.Methods[c.method].Parameters[name]
	if f.Max != nil && len(runes) > *f.Max {
		// Code points, not UTF-16 units [td: create_input_message_content].
		s.breach(c, RuleText, "%d characters of %s, %d fit", len(runes), name, *f.Max)
		if caption {
			return formatted{}, badRequest("message caption is too long")
		}
		return formatted{}, badRequest("message is too long")
	}
	return formatted{string(runes), written, s.entities(c, runes, spans)}, nil
}

func (s *Server) parseText(c *call, source, entities string) ([]rune, []span, *apiError) {
	switch mode := strings.ToLower(c.values["parse_mode"]); mode {
	case "", "none":
		return s.given(c, []rune(source), entities)
	case "html":
		h := html{source: source}
		if wrong := h.parse(); wrong != "" {
			s.breach(c, RuleText, "%s", wrong)
			return nil, nil, badRequest("can't parse entities: " + wrong)
		}
		for _, careless := range h.careless {
			s.breach(c, RuleText, "%s", careless)
		}
		return h.text, h.spans, nil
	default:
		s.breach(c, RuleText, "parse_mode %s, which this fake does not know", mode)
		return nil, nil, badRequest("unsupported parse_mode")
	}
}

// given takes the entities that a request lists, whose offsets are UTF-16 units.
func (s *Server) given(c *call, text []rune, name string) ([]rune, []span, *apiError) {
	var listed []struct {
		Entity
		User struct {
			ID int64 `json:"id"`
		} `json:"user"`
	}
	c.json(name, &listed)
	at := map[int]int{} // where a rune begins, by UTF-16 units
	units := 0
	for i, r := range text {
		at[units] = i
		units += width16(r)
	}
	at[units] = len(text)
	var spans []span
	for _, e := range listed {
		from, begins := at[e.Offset]
		to, ends := at[e.Offset+e.Length]
		if !begins || !ends || e.Length <= 0 {
			s.breach(c, RuleText, "an entity at %d+%d, where no character begins or ends", e.Offset, e.Length)
			return nil, nil, badRequest("entity beginning and end must be at character boundaries")
		}
		e.Entity.User = e.User.ID
		spans = append(spans, span{e.Entity, from, to})
	}
	return text, spans, nil
}

// clean takes out what the server takes out: control characters, U+2028 to U+202E
// (among them the directional embeddings and overrides, not the isolates), and
// three combining lines; and all but the last of several direction marks.
func clean(text []rune, spans []span) ([]rune, []span) {
	moved := make([]int, 0, len(text)+1)
	var out []rune
	size := 0
	for i, r := range text {
		moved = append(moved, len(out))
		switch {
		case r == '\r', r >= 0x2028 && r <= 0x202e, r == 0x333, r == 0x33f, r == 0x30a:
			continue
		case r < ' ' && r != '\n':
			r = ' '
		case isMark(r) && i+1 < len(text) && isMark(text[i+1]):
			r = 0x200c
		}
		if size += utf8.RuneLen(r); size > maxClean {
			moved[i] = len(out)
			for range text[i+1:] {
				moved = append(moved, len(out))
			}
			break
		}
		out = append(out, r)
	}
	moved = append(moved, len(out))
	for i := range spans {
		spans[i].from, spans[i].to = moved[spans[i].from], moved[spans[i].to]
	}
	return out, spans
}

func isMark(r rune) bool { return r == 0x200e || r == 0x200f }

// trim takes white space away from both ends; at the beginning only up to where
// the first entity begins [td: fix_formatted_text].
func trim(text []rune, spans []span) ([]rune, []span) {
	end := len(text)
	for end > 0 && (text[end-1] == ' ' || text[end-1] == '\n') {
		end--
	}
	begin, first := 0, end
	for _, s := range spans {
		first = min(first, s.from)
	}
	for begin < first && (text[begin] == ' ' || text[begin] == '\n') {
		begin++
	}
	for i := range spans {
		spans[i].from, spans[i].to = max(0, spans[i].from-begin), min(spans[i].to, end)-begin
	}
	return text[begin:end], spans
}

// isEmpty reports whether a text shows nothing [td: strip_empty_characters].
func isEmpty(text []rune) bool {
	for _, r := range text {
		switch {
		case r == ' ', r == '\n', r >= 0x200b && r <= 0x200f, r == 0x202e, r == 0xfeff, r == 0xa0:
		case unicode.Is(unicode.Zs, r), r == 0x180e, r == 0x2800, r == 0xfffc, r >= 0xe0000 && r <= 0xe007f:
		default:
			return false
		}
	}
	return true
}

// entities are the spans in UTF-16 units, in the server's order, without those
// that it takes away: in code there is no other markup, and no quote in a quote.
func (s *Server) entities(c *call, text []rune, spans []span) []Entity {
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), cmp.Compare(priority(b.Type), priority(a.Type)))
	})
	offsets := make([]int, len(text)+1)
	for i, r := range text {
		offsets[i+1] = offsets[i] + width16(r)
	}
	var kept []span
	var all []Entity
	for _, one := range spans {
		if one.to <= one.from || slices.ContainsFunc(kept, func(outer span) bool { return outer.to >= one.to && excludes(outer.Type, one.Type) }) {
			continue
		}
		kept = append(kept, one)
		e := one.Entity
		e.Offset, e.Length = offsets[one.from], offsets[one.to]-offsets[one.from]
		if e.Type == "code" {
			e.Language = ""
		}
		all = append(all, e)
	}
	if len(all) > maxEntities {
		s.breach(c, RuleText, "%d entities, of which only the first %d are kept", len(all), maxEntities)
		all = all[:maxEntities]
	}
	return all
}

// priority puts the outer one of two entities of the same stretch first.
func priority(kind string) int {
	switch kind {
	case "blockquote", "expandable_blockquote":
		return 3
	case "pre", "code":
		return 2
	case "text_link", "text_mention":
		return 1
	}
	return 0
}

func excludes(outer, inner string) bool {
	quote := func(kind string) bool { return strings.HasSuffix(kind, "blockquote") }
	return outer == "code" || outer == "pre" || quote(outer) && quote(inner)
}
