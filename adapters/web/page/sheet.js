// The sheet with which a person says where they are.

import { el } from "./draw.js";
import { places } from "./places.js";

export class Sheet {
  #phone;
  #dialog;
  #opener = null;

  constructor(phone) {
    this.#phone = phone;
    this.#dialog = phone.element.querySelector(".sheet");
    const title = this.#dialog.querySelector("h3");
    title.id = `where-${phone.id}`;
    this.#dialog.setAttribute("aria-labelledby", title.id);
    this.#dialog.querySelector(".places").append(...places.map(([name, lat, lng]) =>
      el("li", null, el("button", { type: "button", onclick: () => this.#share(lat, lng) }, name))));
    this.#dialog.querySelector(".shut").addEventListener("click", () => this.close());
    this.#dialog.addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      e.stopPropagation();
      this.close();
    });
    const device = this.#dialog.querySelector(".device");
    device.hidden = this.#dialog.querySelector(".note").hidden = !navigator.geolocation;
    device.addEventListener("click", () => this.#ask(device));
  }

  // open shows the sheet; the keyboard goes back to the opener when it closes.
  open(opener) {
    this.#opener = opener;
    if (!this.#dialog.open) this.#dialog.show();
    this.#dialog.querySelector("button:not([hidden]):not(.shut)").focus();
  }

  close() {
    if (!this.#dialog.open) return;
    this.#dialog.close();
    if (this.#opener?.isConnected) this.#opener.focus();
  }

  #share(lat, lng) {
    this.close();
    this.#phone.outbox.share(lat, lng);
  }

  #ask(button) {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.removeAttribute("aria-busy");
        this.#share(coords.latitude, coords.longitude);
      },
      () => {
        button.removeAttribute("aria-busy");
        this.#phone.toast(this.#phone.t("web.location-failed"));
      },
      { timeout: 10000, maximumAge: 60000 },
    );
  }
}
