// What a person sends: the composer, and messages on their way.

import { newKey, post } from "./link.js";

// most is how many UTF-16 units may be sent at once: MaxTextUnits in limits.go.
const most = 4000;

export class Outbox {
  #phone;
  #field;
  #shift = false;
  #pending = new Map();
  #line = Promise.resolve();

  constructor(phone) {
    this.#phone = phone;
    this.#field = phone.element.querySelector("textarea");
    const form = phone.element.querySelector(".composer");
    form.addEventListener("submit", (e) => { e.preventDefault(); this.#submit(); });
    this.#field.addEventListener("keydown", (e) => { this.#shift = e.shiftKey; });
    this.#field.addEventListener("beforeinput", (e) => {
      // Asked here and not at the key: the keyboard of a phone names no keys, and
      // in an input method Enter ends a word and begins no line.
      if (e.inputType !== "insertLineBreak" || this.#shift || e.isComposing) return;
      e.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("input", () => this.#fit());
    this.#field.addEventListener("paste", (e) => this.#files(e, e.clipboardData));
    phone.element.addEventListener("dragover", (e) => e.preventDefault());
    phone.element.addEventListener("drop", (e) => this.#files(e, e.dataTransfer));
    form.querySelector(".place").addEventListener("click", (e) => phone.sheet.open(e.currentTarget));
  }

  // say sends a text.
  say(text) { this.#send("text", { text }, { own: "text", text }); }

  // share sends a place.
  share(lat, lng) { this.#send("location", { lat, lng }, { own: "location" }); }

  // arrived drops what was on its way under a key: it is now an item.
  arrived(key) {
    this.#pending.get(key)?.remove();
    this.#pending.delete(key);
  }

  #submit() {
    const text = this.#field.value;
    if (!text.trim()) {
      this.#field.focus();
      return;
    }
    if (text.length > most) {
      this.#phone.toast(this.#phone.t("web.error.long"));
      this.#field.setAttribute("aria-invalid", "true");
      return;
    }
    this.#field.value = "";
    this.#fit();
    this.say(text);
  }

  #fit() {
    if (this.#field.value.length <= most) this.#field.removeAttribute("aria-invalid");
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  // files sends that there was a file, so that one can see what Ella says to it.
  // The file itself stays where it is.
  #files(e, data) {
    if (!data?.files.length) return;
    e.preventDefault();
    this.#send("file", {}, { own: "file" });
  }

  #send(what, body, item) {
    const key = newKey();
    this.#pending.set(key, null);
    this.#draw(key, item, {});
    this.#try(key, what, body, item);
  }

  // try sends one after the other, in the order they were written.
  #try(key, what, body, item) {
    this.#line = this.#line.then(async () => {
      if (!this.#pending.has(key)) return;
      try {
        await post(this.#phone.path(what), { key, ...body });
      } catch (refused) {
        if (!this.#pending.has(key)) return;
        this.#phone.complain(refused);
        const retry = () => {
          this.#draw(key, item, {});
          this.#try(key, what, body, item);
        };
        this.#draw(key, item, { failed: true, retry });
      }
    });
  }

  #draw(key, item, state) {
    const drawn = this.#phone.own(item, state);
    const old = this.#pending.get(key);
    this.#pending.set(key, drawn);
    if (old) old.replaceWith(drawn);
    else this.#phone.add(drawn);
  }
}
