// The page's own words. Every text that a person sees comes from a catalogue.

const known = new Map();
const none = { locale: "", dir: "ltr", t: () => "" };

// wordsFor gives the words in the first of the tags that has a catalogue. It
// never fails: without an answer the words are empty and what stands there stays.
export async function wordsFor(tags) {
  const asked = tags.join(",");
  if (known.has(asked)) return known.get(asked);
  try {
    const answer = await fetch(`strings?locale=${encodeURIComponent(asked)}`);
    if (!answer.ok) return none;
    const { locale, dir, strings } = await answer.json();
    const words = { locale, dir, t: (key) => strings[key] ?? "" };
    known.set(asked, words);
    return words;
  } catch {
    return none;
  }
}

// apply writes words into every element of root that asks for them.
export function apply(words, root) {
  const each = (attribute, write) => {
    for (const e of root.querySelectorAll(`[${attribute}]`)) {
      const text = words.t(e.getAttribute(attribute));
      if (text) write(e, text);
    }
  };
  each("data-t", (e, text) => { e.textContent = text; });
  each("data-label", (e, text) => {
    e.setAttribute("aria-label", text);
    if (e.matches("button")) e.title = text;
  });
  each("data-placeholder", (e, text) => { e.placeholder = text; });
}

// clock writes an instant as the hour, and with its day when that is not today.
export function clock(at, locale) {
  const when = new Date(at);
  const style = when.toDateString() === new Date().toDateString()
    ? { hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(formats(locale), style).format(when);
}

// figure writes a whole number in the digits of a language.
export function figure(n, locale) {
  return new Intl.NumberFormat(formats(locale)).format(n);
}

// size writes how big something is, in words.
export function size(bytes, locale) {
  const [n, unit] = bytes < 1e3 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(formats(locale), { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(n);
}

// formats are the languages to write an hour or a number in: the first that the
// browser knows. English is that of the people here.
function formats(locale) {
  const known = ["en-GB"];
  try {
    if (locale && locale !== "en") known.unshift(...Intl.getCanonicalLocales(locale));
  } catch {
    // Not a language tag: English then.
  }
  return known;
}
