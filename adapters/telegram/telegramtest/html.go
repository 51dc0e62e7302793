package telegramtest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// span is an entity while the text is still being worked on: in runes.
type span struct {
	Entity
	from, to int
}

// htmlTags are the tags of parse_mode HTML [doc: HTML style] and what they make.
// Custom emoji and dates are left out: Ella writes none.
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}

// html parses as the server does, with its words for what is wrong
// [td: MessageEntity.cpp, parse_html].
type html struct {
	source string
	at     int
	text   []rune
	spans  []span
	open   []openTag
	// careless are mistakes that the server puts up with.
	careless []string
}

type openTag struct {
	name, argument string
	from           int
}

func (h *html) parse() (wrong string) {
	for h.at < len(h.source) {
		switch c := h.source[h.at]; c {
		case '&':
			if wrong := h.reference(); wrong != "" {
				return wrong
			}
		case '<':
			if wrong := h.tag(); wrong != "" {
				return wrong
			}
		default:
			if c == '>' {
				h.careless = append(h.careless, "a > that is not written &gt;")
			}
			r, size := utf8.DecodeRuneInString(h.source[h.at:])
			h.text = append(h.text, r)
			h.at += size
		}
	}
	if n := len(h.open); n > 0 {
		return fmt.Sprintf("Can't find end tag corresponding to start tag \"%s\"", h.open[n-1].name)
	}
	return ""
}

// byteAt is 0 at the end, which the server reads as white space.
func (h *html) byteAt(i int) byte {
	if i < len(h.source) {
		return h.source[i]
	}
	return 0
}

func blank(c byte) bool { return strings.IndexByte(" \t\r\n\v\x00", c) >= 0 }

func (h *html) skipBlank() {
	for h.byteAt(h.at) != 0 && blank(h.byteAt(h.at)) {
		h.at++
	}
}

// reference reads what begins with &. What is no reference stands for itself.
func (h *html) reference() (wrong string) {
	code, size := decodeReference(h.source[h.at:])
	if size == 0 {
		h.careless = append(h.careless, "an & that is not written &amp;")
		h.text = append(h.text, '&')
		h.at++
		return ""
	}
	if code >= 0xd800 && code <= 0xdfff {
		return "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
	}
	h.text = append(h.text, code)
	h.at += size
	return ""
}

func decodeReference(s string) (code rune, size int) {
	end := 1
	if strings.HasPrefix(s, "&#") {
		base, digits := 10, "0123456789"
		end = 2
		if strings.HasPrefix(s, "&#x") {
			base, digits, end = 16, "0123456789abcdefABCDEF", 3
		}
		begin := end
		for end < len(s) && strings.IndexByte(digits, s[end]) >= 0 {
			end++
		}
		n, err := strconv.ParseUint(s[begin:end], base, 32)
		if err != nil || n == 0 || n >= 0x10ffff || end >= 10 {
			return 0, 0
		}
		code = rune(n)
	} else {
		for end < len(s) && (s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z') {
			end++
		}
		var known bool
		if code, known = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"'}[s[1:end]]; !known {
			return 0, 0
		}
	}
	if end < len(s) && s[end] == ';' {
		end++
	}
	return code, end
}

func (h *html) tag() (wrong string) {
	begin := h.at
	h.at++
	if h.byteAt(h.at) == '/' {
		return h.endTag(begin)
	}
	for !blank(h.byteAt(h.at)) && h.byteAt(h.at) != '>' {
		h.at++
	}
	if h.byteAt(h.at) == 0 {
		return fmt.Sprintf("Unclosed start tag at byte offset %d", begin)
	}
	tag := openTag{name: strings.ToLower(h.source[begin+1 : h.at]), from: len(h.text)}
	if htmlTags[tag.name] == "" {
		return fmt.Sprintf("Unsupported start tag \"%s\" at byte offset %d", tag.name, begin)
	}
	for h.byteAt(h.at) != '>' {
		if wrong := h.attribute(begin, &tag); wrong != "" {
			return wrong
		}
	}
	h.at++
	if tag.name == "span" && tag.argument != "spoiler" {
		return fmt.Sprintf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	h.open = append(h.open, tag)
	return ""
}

func (h *html) attribute(begin int, tag *openTag) (wrong string) {
	h.skipBlank()
	if h.byteAt(h.at) == '>' {
		return ""
	}
	from := h.at
	for c := h.byteAt(h.at); !blank(c) && strings.IndexByte("=>/\"'", c) < 0; c = h.byteAt(h.at) {
		h.at++
	}
	name := h.source[from:h.at]
	if name == "" {
		return fmt.Sprintf("Empty attribute name in the tag \"%s\" at byte offset %d", tag.name, begin)
	}
	unclosed := fmt.Sprintf("Unclosed start tag \"%s\" at byte offset %d", tag.name, begin)
	h.skipBlank()
	if h.byteAt(h.at) != '=' {
		if h.byteAt(h.at) == 0 {
			return unclosed
		}
		if tag.name == "blockquote" && name == "expandable" {
			tag.argument = "1"
		}
		return ""
	}
	h.at++
	h.skipBlank()
	if h.byteAt(h.at) == 0 {
		return unclosed
	}
	value, wrong := h.attributeValue()
	if wrong != "" {
		return wrong
	}
	if h.byteAt(h.at) == 0 {
		return fmt.Sprintf("Unclosed start tag at byte offset %d", begin)
	}
	switch {
	case tag.name == "a" && name == "href":
		tag.argument = value
	case tag.name == "code" && name == "class" && strings.HasPrefix(value, "language-"):
		tag.argument = strings.TrimPrefix(value, "language-")
	case tag.name == "span" && name == "class" && strings.HasPrefix(value, "tg-"):
		tag.argument = strings.TrimPrefix(value, "tg-")
	case tag.name == "blockquote" && name == "expandable":
		tag.argument = "1"
	}
	return ""
}

func (h *html) attributeValue() (value, wrong string) {
	quote := h.byteAt(h.at)
	if quote != '"' && quote != '\'' {
		from := h.at
		for c := h.byteAt(h.at); c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'; c = h.byteAt(h.at) {
			h.at++
		}
		if c := h.byteAt(h.at); !blank(c) && c != '>' {
			return "", fmt.Sprintf("Unexpected end of name token at byte offset %d", from)
		}
		return strings.ToLower(h.source[from:h.at]), ""
	}
	h.at++
	var out strings.Builder
	for c := h.byteAt(h.at); c != quote && c != 0; c = h.byteAt(h.at) {
		if c == '&' {
			if code, size := decodeReference(h.source[h.at:]); size > 0 {
				out.WriteRune(code)
				h.at += size
				continue
			}
		}
		out.WriteByte(c)
		h.at++
	}
	if h.byteAt(h.at) == quote {
		h.at++
	}
	return out.String(), ""
}

func (h *html) endTag(begin int) (wrong string) {
	if len(h.open) == 0 {
		return fmt.Sprintf("Unexpected end tag at byte offset %d", begin)
	}
	for !blank(h.byteAt(h.at)) && h.byteAt(h.at) != '>' {
		h.at++
	}
	name := strings.ToLower(h.source[begin+2 : h.at])
	h.skipBlank()
	if h.byteAt(h.at) != '>' {
		return fmt.Sprintf("Unclosed end tag at byte offset %d", begin)
	}
	h.at++
	tag := h.open[len(h.open)-1]
	h.open = h.open[:len(h.open)-1]
	if name != "" && name != tag.name {
		return fmt.Sprintf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, tag.name, name)
	}
	if len(h.text) > tag.from {
		h.close(tag)
	}
	return ""
}

// close makes the entity of a tag that ends here.
func (h *html) close(tag openTag) {
	s := span{Entity: Entity{Type: htmlTags[tag.name]}, from: tag.from, to: len(h.text)}
	var last *span
	if n := len(h.spans); n > 0 && h.spans[n-1].from == s.from && h.spans[n-1].to == s.to {
		last = &h.spans[n-1]
	}
	switch tag.name {
	case "a":
		address := tag.argument
		if address == "" {
			address = string(h.text[tag.from:])
		}
		if s.User = linkedUser(address); s.User != 0 {
			s.Type = "text_mention"
			break
		}
		// What is no address makes no link, and the words stay.
		if s.URL, _ = checkLink(address); s.URL == "" {
			return
		}
	case "pre":
		if last != nil && last.Type == "code" && last.Language != "" {
			last.Type = "pre"
			return
		}
	case "code":
		if last != nil && last.Type == "pre" && tag.argument != "" {
			last.Language = tag.argument
			return
		}
		s.Language = tag.argument // until it is known whether there is a pre around
	case "blockquote":
		if tag.argument != "" {
			s.Type = "expandable_blockquote"
		}
	}
	h.spans = append(h.spans, s)
}
