package language

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// digits are the ten digits of a language.
type digits [10]string

// UnmarshalText reads the ten digits in a row.
func (d *digits) UnmarshalText(text []byte) error {
	if utf8.RuneCount(text) != len(d) {
		return fmt.Errorf("%q are not ten digits", text)
	}
	i := 0
	for _, r := range string(text) {
		d[i] = string(r)
		i++
	}
	return nil
}

// grouping is how whole digits are grouped: the size of the last group, that of
// the others, and how many digits must stand before the first separator.
type grouping [3]int

func (g grouping) sound() bool { return g[0] > 0 && g[1] > 0 && g[2] > 0 }

// separated reports whether a separator stands before the digit that has so
// many whole digits from it to the end, itself included, of total.
func (g grouping) separated(left, total int) bool {
	return total >= g[0]+g[2] && left < total && left >= g[0] && (left-g[0])%g[1] == 0
}

// number is n in the language's digits, grouped.
func (c *convention) number(n int) string {
	if 0 <= n && n <= 9 {
		return c.Digits[n]
	}
	var buffer [20]byte
	return c.write(strconv.AppendInt(buffer[:0], int64(n), 10))
}

// decimal is f in the language's digits, grouped, with so many decimals.
func (c *convention) decimal(f float64, decimals int) string {
	var buffer [32]byte
	return c.write(strconv.AppendFloat(buffer[:0], f, 'f', max(decimals, 0), 64))
}

// write turns a number as Go writes it into one as the language does.
func (c *convention) write(plain []byte) string {
	whole := len(plain)
	for i, b := range plain {
		if b == '.' {
			whole = i
		}
	}
	start := 0
	var out strings.Builder
	out.Grow(2 * len(plain))
	if len(plain) > 0 && plain[0] == '-' {
		out.WriteString(c.Minus)
		start = 1
	}
	for i := start; i < len(plain); i++ {
		if i < whole && c.Grouping.separated(whole-i, whole-start) {
			out.WriteString(c.Group)
		}
		switch b := plain[i]; {
		case '0' <= b && b <= '9':
			out.WriteString(c.Digits[b-'0'])
		case b == '.':
			out.WriteString(c.Decimal)
		default:
			out.WriteByte(b) // NaN and Inf stay as they are
		}
	}
	return out.String()
}

// pounds is an amount as a price tag has it.
func pounds(pence int) string {
	sign := ""
	if pence < 0 {
		sign, pence = "-", -pence
	}
	if pence%100 == 0 {
		return fmt.Sprintf("%s£%d", sign, pence/100)
	}
	return fmt.Sprintf("%s£%d.%02d", sign, pence/100, pence%100)
}

// Number is n in the digits of the locale, grouped as the locale groups.
func (p Printer) Number(n int) string { return p.own.convention.number(n) }

// Decimal is f with exactly so many digits after the separator.
func (p Printer) Decimal(f float64, digits int) string { return p.own.convention.decimal(f, digits) }

// Digit is the value of a decimal digit of any script: people type the ones that
// their keyboard has. Unicode keeps the ten of each script in a row, zero first.
func Digit(c rune) (value int, ok bool) {
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= c && c <= rune(row.Hi) {
			return int(c-rune(row.Lo)) % 10, true
		}
	}
	for _, row := range unicode.Nd.R32 {
		if rune(row.Lo) <= c && c <= rune(row.Hi) {
			return int(c-rune(row.Lo)) % 10, true
		}
	}
	return 0, false
}
