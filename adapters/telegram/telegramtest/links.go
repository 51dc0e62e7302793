package telegramtest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// linkedUser is the user that a tg://user?id=… link mentions, or 0.
func linkedUser(address string) int64 {
	rest, ok := strings.CutPrefix(strings.ToLower(address), "tg://user?id=")
	if !ok {
		return 0
	}
	id, _ := strconv.ParseInt(rest, 10, 64)
	return id
}

// checkLink is an address as the server understands it, or why it is none, in its
// words [td: LinkManager::check_link_impl, parse_url].
func checkLink(address string) (link, wrong string) {
	scheme, rest := "", address
	for _, own := range []string{"tg", "ton", "tonsite"} {
		if after, ok := cutFold(address, own+":"); ok {
			scheme, rest = own, strings.TrimPrefix(after, "//")
		}
	}
	u, wrong := splitURL(rest)
	switch {
	case wrong != "":
		return "", wrong
	case scheme != "":
		if u.scheme == "https" || u.user != "" || u.port != "" || strings.HasPrefix(u.host, "[") || hasFold(rest, "http://") {
			return "", "Wrong tg URL"
		}
		if strings.Trim(u.host, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", "Unallowed characters in URL host"
		}
		return scheme + "://" + u.host + strings.Replace(u.rest, "/?", "?", 1), ""
	case !strings.Contains(u.host, ".") && !strings.HasPrefix(u.host, "["):
		return "", "Wrong HTTP URL"
	case u.user != "" && hasFold(address, "mailto:"):
		// The real one makes "http://mailto:somebody@host/" of it, which leads nowhere.
		return "", "Wrong HTTP URL"
	}
	if u.user != "" {
		u.user += "@"
	}
	if u.port != "" {
		u.port = ":" + u.port
	}
	return u.scheme + "://" + u.user + u.host + u.port + u.rest, ""
}

type splitted struct{ scheme, user, host, port, rest string }

func splitURL(address string) (u splitted, wrong string) {
	u.scheme = "http"
	if i := strings.IndexAny(address, ":/?#@[]"); i >= 0 && strings.HasPrefix(address[i:], "://") {
		u.scheme, address = strings.ToLower(address[:i]), address[i+3:]
		if u.scheme != "http" && u.scheme != "https" {
			return u, "Unsupported URL protocol"
		}
	}
	authority := address
	if i := strings.IndexAny(address, "/?#"); i >= 0 {
		authority, u.rest = address[:i], address[i:]
	}
	// The last colon begins a port, unless a ] or @ comes after it.
	if i := strings.LastIndexAny(authority, ":]@"); i > 0 && authority[i] == ':' {
		port, err := strconv.Atoi(authority[i+1:])
		if err != nil || port <= 0 || port > 65535 {
			return u, "Wrong port number specified in the URL"
		}
		authority, u.port = authority[:i], strconv.Itoa(port)
	}
	u.host = authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		u.user, u.host = authority[:i], authority[i+1:]
	}
	u.host = strings.ToLower(u.host)
	switch {
	case u.host == "":
		return u, "URL host is empty"
	case u.host == ".":
		return u, "Host is invalid"
	case strings.HasPrefix(u.host, "[") && strings.HasSuffix(u.host, "]"):
		if ip, err := netip.ParseAddr(strings.Trim(u.host, "[]")); err != nil || !ip.Is6() {
			return u, "Wrong IPv6 address specified in the URL"
		}
	default:
		if wrong := allowedInURL(u.host, "host", ""); wrong != "" {
			return u, wrong
		}
		if wrong := allowedInURL(u.user, "userinfo", ":"); wrong != "" {
			return u, wrong
		}
	}
	u.rest = strings.TrimRight(u.rest, " \t\r\n\v\x00")
	if !strings.HasPrefix(u.rest, "/") {
		u.rest = "/" + u.rest
	}
	var escaped strings.Builder
	for i := range len(u.rest) {
		if c := u.rest[i]; c <= ' ' {
			fmt.Fprintf(&escaped, "%%%02X", c)
		} else {
			escaped.WriteByte(c)
		}
	}
	u.rest = escaped.String()
	return u, ""
}

func allowedInURL(part, name, more string) string {
	for i := 0; i < len(part); i++ {
		c := part[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c >= 0x80, strings.IndexByte(".-_!$,~*'();&+="+more, c) >= 0:
		case c == '%':
			if _, err := strconv.ParseUint(part[min(i+1, len(part)):min(i+3, len(part))], 16, 8); err != nil || i+2 >= len(part) {
				return "Wrong percent-encoded symbol in URL " + name
			}
			i += 2
		default:
			return "Disallowed character in URL " + name
		}
	}
	return ""
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func cutFold(s, prefix string) (string, bool) {
	if !hasFold(s, prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
