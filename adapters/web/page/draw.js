// From what Lower wrote to elements. People's words only ever become text
// nodes; nothing here reads markup.

import { size } from "./words.js";

// el makes an element; attributes that are null, undefined or false are left out.
export function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// icon draws one of the symbols of the page.
export function icon(name, classes) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  if (classes) svg.setAttribute("class", classes);
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

// hidden is text for screen readers alone.
export const hidden = (text) => el("span", { class: "sr" }, text);

const safe = (href) => /^(https|tel|mailto):/.test(href);

// begins reports whether a link begins a conversation on this page: app.js follows it.
const begins = (href) => /^\?start=[\w-]{1,64}$/.test(href);

// to is how a link leads where it leads: on this page, or elsewhere in a new tab.
function to(href) {
  if (begins(href)) return { href };
  return safe(href) ? { href, target: "_blank", rel: "noopener noreferrer" } : {};
}

// drawBlocks draws the blocks of an item. act has what can be done with them:
// press(button, data), type(text) and locate(button), and t(key) for words.
export function drawBlocks(item, act) {
  return item.message.blocks.map((b) => drawBlock(b, item, act));
}

function drawBlock(b, item, act) {
  switch (b.type) {
    case "paragraph": return text("p", b.spans, act);
    case "heading": return text("h3", b.spans, act);
    case "list": return el(b.ordered ? "ol" : "ul", null, ...(b.items ?? []).map((i) => text("li", i, act)));
    case "facts": return facts(b.rows, act);
    case "card": return card(b, item, act);
    case "buttons": return el("div", { class: "buttons" }, ...rows(b.buttons, item, act));
    case "link": return el("div", { class: "buttons" }, el("div", { class: "row" }, link(b.link)));
    case "location": return el("div", { class: "buttons" }, el("div", { class: "row" },
      el("button", { type: "button", class: "action primary", dir: "auto", onclick: (e) => act.locate(e.currentTarget) },
        icon("pin"), el("span", null, b.label))));
    case "picture": return el("img", {
      src: `phones/${item.phone}/pictures/${item.seq}/${b.sum}`,
      width: b.width, height: b.height, alt: b.label,
    });
    case "file": return file(b, item, act);
    case "progress": return progress(b, act);
  }
  return el("p", null, "…");
}

// text draws spans. A person's words that are a whole paragraph also choose
// their side; elsewhere they stay where the words around them begin.
function text(tag, spans, act) {
  const alone = tag === "p" && spans?.length === 1 && spans[0].dir === "auto" && !spans[0].href;
  if (alone) return el(tag, { dir: "auto", class: "alone" }, words(spans[0]));
  return el(tag, null, ...(spans ?? []).map((s) => span(s, act)));
}

const words = (s) => (s.bold ? el("strong", null, s.text) : s.text);

function span(s, act) {
  if (s.href && (safe(s.href) || begins(s.href))) {
    return el("a", { ...to(s.href), dir: s.dir || null, class: `is-${s.kind}` }, words(s));
  }
  if (s.kind === "command" && s.text.startsWith("/")) {
    return el("button", { type: "button", class: "command", dir: "ltr", onclick: () => act.type(s.text) }, words(s));
  }
  return s.dir ? el("bdi", { dir: s.dir, class: `is-${s.kind}` }, words(s)) : words(s);
}

function facts(list, act) {
  return el("dl", null, ...(list ?? []).map((f) => el("div", null, el("dt", null, f.label), text("dd", f.value, act))));
}

function card(b, item, act) {
  return el("section", { class: "card" },
    b.title ? text("h4", b.title, act) : null,
    b.spans ? text("p", b.spans, act) : null,
    b.rows ? facts(b.rows, act) : null,
    b.buttons || b.link ? el("div", { class: "buttons" }, ...rows(b.buttons, item, act),
      b.link ? el("div", { class: "row" }, link(b.link)) : null) : null);
}

function rows(list, item, act) {
  return (list ?? []).map((row) => el("div", { class: "row" }, ...row.map((b) => {
    const pressed = item.pressed === b.data;
    return el("button", {
      type: "button", class: `action ${b.style ?? ""}`, dir: "auto", "aria-pressed": pressed ? "true" : null,
      onclick: (e) => act.press(e.currentTarget, b.data),
    }, pressed ? icon("tick") : null, el("span", null, b.label));
  })));
}

function link(l) {
  return el("a", { ...to(l.href), class: "action", dir: "auto" },
    el("span", null, l.label), begins(l.href) ? null : icon("out", "turns"));
}

// file is a row with which a file is kept. Its name runs from left to right in
// every language, and is part of the button's for who can't see the row.
function file(b, item, act) {
  const name = () => el("bdi", { dir: "ltr" }, b.name);
  return el("section", { class: "file" },
    el("p", null, b.label),
    icon("file"),
    el("p", { class: "which" }, el("strong", null, name()), el("span", null, size(b.size, item.message.locale))),
    el("a", { class: "action", href: `phones/${item.phone}/files/${item.seq}/${item.file}`, download: b.name },
      icon("save"), el("span", { "data-t": "web.download" }, act.t("web.download")), el("span", { class: "sr" }, " ", name())));
}

function progress(b, act) {
  const label = text("p", b.spans, act);
  const bar = el("progress", b.total > 0 ? { max: b.total, value: b.done } : null);
  bar.setAttribute("aria-label", label.textContent);
  return el("div", { class: "progress" }, label, bar);
}

// unfinished reports whether a message shows work that still goes on: it changes
// many times, and only its end is worth reading out.
export const unfinished = (message) =>
  message.blocks.some((b) => b.type === "progress" && (!b.total || (b.done ?? 0) < b.total));
