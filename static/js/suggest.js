// What somebody may be about to type, offered while they type it. Each box is a combobox after
// ARIA 1.2: the focus stays in the box, arrows walk the list, Escape closes it, Enter follows what
// is chosen. Without script, or when the answer does not come, the box is a box.

const SHORTEST = 2;
const PAUSE = 150;

class Suggesting {
  constructor(box) {
    this.box = box;
    this.list = document.createElement("ul");
    this.list.id = `${box.id}-suggestions`;
    this.list.className = "k-suggest";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", box.dataset.list);
    box.after(this.list);
    box.parentElement.classList.add("k-suggests");
    const attributes = {
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    };
    for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);
    box.addEventListener("input", () => this.wait());
    box.addEventListener("keydown", (event) => this.press(event));
    box.addEventListener("blur", () => this.close());
    // The box keeps the focus, so that pressing an option is no way out of it.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  wait() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (this.box.value.trim().length < SHORTEST) this.close();
    else this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const { suggest, as, beside } = this.box.dataset;
    const url = new URL(suggest, location.href);
    url.searchParams.set(as, this.box.value);
    const other = beside && this.box.form.elements[beside].value;
    if (other) url.searchParams.set(beside, other);
    this.asking = new AbortController();
    try {
      const answer = await fetch(url, { credentials: "same-origin", signal: this.asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
    } catch {
      this.close();
    }
  }

  show({ suggestions, said }) {
    if (document.activeElement !== this.box) return;
    this.activate(null);
    this.list.replaceChildren(...suggestions.map((each, at) => this.option(each, at)));
    this.list.hidden = !suggestions.length;
    this.box.setAttribute("aria-expanded", String(!this.list.hidden));
    const live = document.getElementById("live");
    if (live) live.textContent = said;
  }

  option({ text, because, sort, href, lang }, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.href = href;
    option.dataset.text = text;
    const parts = { b: text, i: because, span: this.box.dataset.as === "q" ? sort : "" };
    for (const [name, words] of Object.entries(parts)) {
      if (!words) continue;
      const part = document.createElement(name);
      part.dir = "auto";
      if (lang && words !== sort) part.lang = lang;
      part.textContent = words;
      option.append(part, " ");
    }
    return option;
  }

  activate(option) {
    this.active?.setAttribute("aria-selected", "false");
    this.active = option;
    if (!option) return this.box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", option.id);
  }

  // Past either end the walk comes back to what was typed.
  step(by) {
    const stops = [null, ...this.list.children];
    const at = stops.indexOf(this.active ?? null) + by;
    this.activate(stops[(at + stops.length) % stops.length]);
  }

  press(event) {
    if (event.key === "ArrowDown" && this.list.hidden) return this.wait();
    if (this.list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Enter" && this.active) this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  choose(option) {
    if (this.box.dataset.as === "q") location.assign(option.dataset.href);
    else this.box.value = option.dataset.text;
    this.close();
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.activate(null);
    this.list.hidden = true;
    this.list.replaceChildren();
    this.box.setAttribute("aria-expanded", "false");
  }
}

for (const box of document.querySelectorAll("[data-suggest]")) new Suggesting(box);
