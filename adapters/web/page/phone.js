// One phone: a conversation, drawn from items and grown by events.

import { drawBlocks, el, hidden, icon, unfinished } from "./draw.js";
import { newKey, post, Refused } from "./link.js";
import { Outbox } from "./outbox.js";
import { Sheet } from "./sheet.js";
import { apply, clock, figure, wordsFor } from "./words.js";

const typingFor = 6000;
const toastFor = 7000;
const near = 60; // pixels from the end that still count as there

export class Phone {
  #state;
  #words;
  #locale = "";
  #stuck = true;
  #top = 0;
  #presses = new Map();
  #timers = new Map();

  // words are the page's, until Ella first speaks; changed is called when the
  // phone's name may have changed, news when something came that has a sound.
  constructor(state, words, { changed, news }) {
    this.id = state.id;
    this.changed = changed;
    this.news = news;
    this.element = document.getElementById("phone").content.cloneNode(true).firstElementChild;
    this.element.id = `phone-${state.id}`;
    this.element.dataset.role = state.role;
    this.log = this.#find(".log");
    this.roll = this.#find(".roll");
    this.#find(".badge use").setAttribute("href", `#${state.role}`);
    this.outbox = new Outbox(this);
    this.sheet = new Sheet(this);
    this.#wire();
    this.#speak(words);
    this.update(state);
  }

  #find(selector) { return this.element.querySelector(selector); }

  t(key) { return this.#words.t(key); }

  get title() { return this.#find("h2").textContent; }
  get lang() { return this.element.lang; }
  get dir() { return this.element.dir; }

  // path is where posts of this phone go.
  path(what) { return `phones/${encodeURIComponent(this.id)}/${what}`; }

  // update takes over the phone's own state.
  update(state) {
    this.#state = state;
    this.#find(".composer").hidden = state.blocked;
    this.#find(".stopped").hidden = !state.blocked;
    if (state.blocked) this.sheet.close();
    this.#settle();
    this.#name();
  }

  // reset shows exactly these items, and keeps what is not sent yet.
  reset(items) {
    this.log.setAttribute("aria-live", "off");
    for (const e of this.log.querySelectorAll("[data-seq]")) e.remove();
    for (const item of items) this.#insert(item).classList.add("changed");
    const latest = items.findLast((i) => i.message?.locale);
    if (latest) this.#follow(latest.message);
    this.#settle();
    this.#toEnd();
    requestAnimationFrame(() => this.log.removeAttribute("aria-live"));
  }

  // put shows one item, new or in place of what it was.
  put(item) {
    const known = this.log.querySelector(`[data-seq="${item.seq}"]`);
    this.#insert(item);
    if (item.message) {
      this.#typing(false);
      if (item.message.locale) this.#follow(item.message);
      if (!known && !item.silent) this.news(this);
    }
    this.#settle();
    if (this.#stuck) this.#toEnd();
    else if (!known) this.#find(".newest").hidden = false;
  }

  // begin starts the conversation, with the payload of a start link or without.
  begin(payload = "") {
    this.outbox.say(`/start ${payload}`.trim());
    this.#find("textarea").focus({ preventScroll: true });
  }

  typing() { this.#typing(true); }

  notice(notice) {
    if (notice.text) this.toast(notice.text);
  }

  // toast shows a short text for a moment.
  toast(text) {
    const toast = this.#find(".toast");
    toast.replaceChildren(el("span", { dir: "auto" }, text));
    this.#after("toast", toastFor, () => toast.replaceChildren());
  }

  // complain says why something was not taken in.
  complain(refused) {
    this.toast(this.t(refused instanceof Refused ? refused.words : "web.error.busy"));
  }

  // own draws a message of this person; what went wrong, if anything, and
  // retry are for one that is still on its way.
  own(item, { failed = false, retry = null } = {}) {
    const label = { location: "web.location-shared", file: "web.file" }[item.own];
    const body = label
      ? el("p", { class: "attached" }, icon(item.own === "location" ? "pin" : "file"), el("span", null, this.t(label)))
      : el("p", { dir: "auto", class: "alone" }, item.text);
    const state = failed ? ["alert", "web.unsent"] : item.seq ? ["tick", "web.received"] : ["clock", "web.sending"];
    const foot = el("p", { class: "foot" },
      item.at ? el("time", { datetime: new Date(item.at).toISOString() }, clock(item.at, this.lang)) : null,
      failed ? el("span", { class: "failed" }, this.t("web.unsent")) : hidden(this.t(state[1])),
      icon(state[0]),
      failed ? el("button", { type: "button", class: "retry", onclick: retry }, this.t("web.retry")) : null);
    return el("article", { class: "item mine" },
      el("div", { class: "bubble" }, hidden(`${this.t("web.you")}: `), body, foot));
  }

  // settle shows the invitation to begin while there is nothing else.
  #settle() {
    this.#find(".empty").hidden = this.log.childElementCount > 0 || this.#state?.blocked;
  }

  add(pending) {
    this.log.append(pending);
    this.#settle();
    this.#toEnd();
  }

  #insert(item) {
    const drawn = item.message ? this.#ellas(item) : this.own(item);
    drawn.dataset.seq = item.seq;
    const old = this.log.querySelector(`[data-seq="${item.seq}"]`);
    if (item.key) this.outbox.arrived(item.key);
    if (old) {
      this.#replace(old, drawn, item);
      return drawn;
    }
    const next = [...this.log.children].find((e) => !e.dataset.seq || Number(e.dataset.seq) > item.seq);
    return this.log.insertBefore(drawn, next ?? null);
  }

  // replace keeps the keyboard where it was: at the button in the same place, or
  // else at the message.
  #replace(old, drawn, item) {
    const focusable = "button, a[href]";
    const at = [...old.querySelectorAll(focusable)].indexOf(document.activeElement);
    if (item.message && unfinished(item.message)) drawn.setAttribute("aria-live", "off");
    drawn.classList.add("changed");
    old.replaceWith(drawn);
    if (at < 0) return;
    const target = drawn.querySelectorAll(focusable)[at] ?? drawn;
    if (target === drawn) drawn.tabIndex = -1;
    target.focus({ preventScroll: true });
  }

  #ellas(item) {
    const act = {
      press: (button, data) => this.#press(button, item.seq, data),
      type: (text) => this.outbox.say(text),
      locate: (button) => this.sheet.open(button),
      t: (key) => this.t(key),
    };
    const m = item.message;
    const bubble = el("div", { class: "bubble" }, hidden(`${this.t("web.ella")}: `));
    const article = el("article", { class: "item ellas", lang: m.locale || null, dir: m.dir }, bubble);
    for (const [i, block] of drawBlocks(item, act).entries()) {
      // Buttons stand under what they belong to, outside the bubble.
      if (["buttons", "link", "location"].includes(m.blocks[i].type)) article.append(block);
      else bubble.append(block);
    }
    bubble.append(el("p", { class: "foot" },
      item.edited ? el("span", null, this.t("web.edited")) : null,
      el("time", { datetime: new Date(item.at).toISOString() }, clock(item.at, m.locale))));
    return article;
  }

  async #press(button, seq, data) {
    const what = `${seq} ${data}`;
    if (button.getAttribute("aria-busy")) return;
    // The same press under the same key until it is in.
    if (!this.#presses.has(what)) this.#presses.set(what, newKey());
    button.setAttribute("aria-busy", "true");
    try {
      await post(this.path("press"), { key: this.#presses.get(what), message: seq, data });
      this.#presses.delete(what);
    } catch (refused) {
      this.complain(refused);
    }
    button.removeAttribute("aria-busy");
  }

  async #block(blocked) {
    this.#menu(false);
    try {
      await post(this.path("block"), { key: newKey(), blocked });
      this.#find(blocked ? ".unblock" : "textarea").focus();
    } catch (refused) {
      this.complain(refused);
    }
  }

  #menu(open) {
    this.#find(".panel").hidden = !open;
    this.#find(".menu").setAttribute("aria-expanded", String(open));
    if (open) this.#find(".block").focus();
  }

  #typing(on) {
    this.element.classList.toggle("typing", on);
    this.#find(".state").textContent = on ? this.t("web.typing") : "";
    if (!on) return;
    this.#after("typing", typingFor, () => this.#typing(false));
    if (this.#stuck) this.#toEnd();
  }

  // follow speaks the language that Ella last spoke here.
  async #follow({ locale }) {
    if (locale === this.#locale) return;
    this.#locale = locale;
    const words = await wordsFor([locale]);
    if (words.locale && this.#locale === locale) this.#speak(words);
  }

  #speak(words) {
    this.#words = words;
    this.element.lang = words.locale;
    this.element.dir = words.dir;
    apply(words, this.element);
    this.#name();
  }

  #name() {
    if (!this.#state || !this.#words) return;
    const { role, number, blocked } = this.#state;
    const name = this.t(`web.role.${role}`);
    this.#find("h2").textContent = number > 1 ? `${name} ${figure(number, this.lang)}` : name;
    this.#find(".caption p").textContent = this.t(`web.role.${role}-about`);
    this.element.setAttribute("aria-label", this.title);
    this.#find(".panel .block").textContent = this.t(blocked ? "web.unblock" : "web.block");
    this.changed(this);
  }

  #after(name, wait, then) {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(then, wait));
  }

  #toEnd() {
    this.roll.scrollTop = this.roll.scrollHeight;
    this.#stuck = true;
    this.#find(".newest").hidden = true;
  }

  #wire() {
    this.roll.addEventListener("scroll", () => {
      // Only who scrolls up leaves the end; what grows at the end does not.
      const { scrollTop, scrollHeight, clientHeight } = this.roll;
      if (scrollHeight - scrollTop - clientHeight < near) {
        this.#stuck = true;
        this.#find(".newest").hidden = true;
      } else if (scrollTop < this.#top) this.#stuck = false;
      this.#top = scrollTop;
    }, { passive: true });
    const size = new ResizeObserver(() => { if (this.#stuck) this.#toEnd(); });
    size.observe(this.log);
    size.observe(this.roll);
    this.#find(".newest").addEventListener("click", () => { this.#toEnd(); this.roll.focus(); });
    this.#find(".start").addEventListener("click", () => this.begin());
    this.#find(".menu").addEventListener("click", () => this.#menu(this.#find(".panel").hidden));
    this.#find(".block").addEventListener("click", () => this.#block(!this.#state.blocked));
    this.#find(".unblock").addEventListener("click", () => this.#block(false));
    this.element.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || this.#find(".panel").hidden) return;
      this.#menu(false);
      this.#find(".menu").focus();
    });
    document.addEventListener("click", (e) => {
      if (!this.#find(".bar").contains(e.target)) this.#menu(false);
    });
  }
}
