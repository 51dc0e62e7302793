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

async function addMember(e) {
  const button = e.currentTarget;
  button.disabled = true;
  try {
    const state = await post("phones", { key: newKey() });
    const phone = phones.get(state.id) ?? addPhone(state);
    front(phone);
    phone.element.querySelector(".start").focus({ preventScroll: true });
  } catch (refused) {
    const text = words.t(refused.words);
    lost.textContent = text;
    setTimeout(() => { if (lost.textContent === text) lost.textContent = ""; }, 7000);
  }
  button.disabled = false;
}

for (const b of adders) b.addEventListener("click", addMember);

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
