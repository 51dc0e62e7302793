// The page: its header, its phones, and the stream that they live on.

import { el, hidden } from "./draw.js";
import { listen, newKey, post } from "./link.js";
import { Phone } from "./phone.js";
import { apply, wordsFor } from "./words.js";

const strip = document.getElementById("phones");
const tabs = document.getElementById("tabs");
const add = document.getElementById("add");
const adders = document.querySelectorAll(".add-member");
const lost = document.getElementById("lost");

const words = await wordsFor(navigator.languages);
if (words.locale) {
  document.documentElement.lang = words.locale;
  document.documentElement.dir = words.dir;
  document.title = words.t("web.title");
  apply(words, document);
}

const phones = new Map();
const tabOf = new Map();
let limit = Infinity;

// seen knows which phone is in front where only one fits.
const seen = new IntersectionObserver((entries) => {
  for (const e of entries) {
    const tab = tabOf.get(e.target.id);
    if (!tab) continue;
    if (!e.isIntersecting) {
      tab.removeAttribute("aria-current");
      continue;
    }
    tab.setAttribute("aria-current", "true");
    tab.querySelector(".news").replaceChildren();
  }
}, { root: strip, threshold: 0.6 });

function addPhone(state) {
  const phone = new Phone(state, words, {
    changed: (p) => name(p),
    news: (p) => {
      const tab = tabOf.get(p.element.id);
      if (tab && !tab.hasAttribute("aria-current")) tab.querySelector(".news").replaceChildren(hidden(words.t("web.news")));
    },
  });
  phones.set(state.id, phone);
  strip.insertBefore(phone.element, add);
  const tab = el("button", { type: "button", onclick: () => front(phone) }, el("span", null), el("span", { class: "news" }));
  tabOf.set(phone.element.id, tab);
  tabs.insertBefore(tab, tabs.lastElementChild);
  name(phone);
  seen.observe(phone.element);
  full();
  return phone;
}

// full takes the ways to add a phone away when there is no room.
function full() {
  for (const b of adders) b.hidden = phones.size >= limit;
}

function name(phone) {
  const tab = tabOf.get(phone.element.id);
  if (!tab) return;
  tab.firstChild.textContent = phone.title;
  tab.lang = phone.lang;
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function front(phone) {
  phone.element.scrollIntoView({ behavior: calm.matches ? "instant" : "smooth", inline: "center", block: "nearest" });
}

// tell says for a moment what went wrong.
function tell(key) {
  const text = words.t(key);
  lost.textContent = text;
  setTimeout(() => { if (lost.textContent === text) lost.textContent = ""; }, 7000);
}

// another adds a member's phone and brings it to the front, or says why not.
async function another() {
  try {
    const state = await post("phones", { key: newKey() });
    const phone = phones.get(state.id) ?? addPhone(state);
    front(phone);
    return phone;
  } catch (refused) {
    tell(refused.words);
    return null;
  }
}

async function addMember(e) {
  const button = e.currentTarget;
  button.disabled = true;
  const phone = await another();
  phone?.element.querySelector(".start").focus({ preventScroll: true });
  button.disabled = false;
}

// follow does what a start link asks for: it begins a conversation on a phone of
// its own, as whoever opens such a link on their own phone does.
async function follow(payload) {
  if (!/^[\w-]{1,64}$/.test(payload)) {
    tell("web.link-broken");
    return;
  }
  (await another())?.begin(payload);
}

for (const b of adders) b.addEventListener("click", addMember);

document.addEventListener("click", (e) => {
  const link = e.target.closest('a[href^="?start="]');
  // With one of these keys it opens in a tab of its own, and is followed there.
  if (!link || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  // A double click follows it once.
  if (e.detail < 2) follow(new URLSearchParams(link.search).get("start"));
});

let open;
const opened = new Promise((resolve) => { open = resolve; });

listen({
  snapshot: ({ phones: all, limit: most }) => {
    limit = most;
    for (const [id, phone] of phones) {
      if (all.some((s) => s.id === id)) continue;
      tabOf.get(phone.element.id).remove();
      phone.element.remove();
      phones.delete(id);
    }
    for (const state of all) {
      const phone = phones.get(state.id) ?? addPhone(state);
      phone.update(state);
      phone.reset(state.items ?? []);
    }
    full();
    strip.classList.add("ready");
    open();
  },
  item: (item) => phones.get(item.phone)?.put(item),
  phone: (state) => {
    const phone = phones.get(state.id);
    if (phone) phone.update(state);
    else addPhone(state);
  },
  typing: ({ phone }) => phones.get(phone)?.typing(),
  notice: (notice) => phones.get(notice.phone)?.notice(notice),
}, (broken) => {
  lost.textContent = broken ? words.t("web.reconnecting") || "Reconnecting…" : "";
});

const asked = new URLSearchParams(location.search).get("start");
if (asked !== null) {
  // A browser may draw a page before anybody asked to see it.
  if (document.prerendering) await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve, { once: true }));
  // The address forgets the link before anything is sent: no reload sends it again.
  history.replaceState(null, "", location.pathname);
  await opened;
  await follow(asked);
}
