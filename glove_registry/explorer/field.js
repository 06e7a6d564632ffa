// A field for a word that suggests words, as https://www.w3.org/WAI/ARIA/apg/ has it.

const SUGGESTED = 8;

// The words that begin with a text, the most frequent first, then those that contain it.
function suggest(releases, text) {
  const wanted = text.trim().toLowerCase();
  const found = new Set();
  if (!wanted) return [];
  for (const release of releases) {
    const row = release.find(text.trim());
    if (row !== undefined) found.add(release.shown[row]);
  }
  const longest = Math.max(...releases.map((release) => release.words.length));
  for (const fits of ["startsWith", "includes"]) {
    for (let row = 0; row < longest && found.size < SUGGESTED; row++) {
      for (const { folded, shown } of releases) {
        if (folded[row]?.[fits](wanted)) found.add(shown[row]);
      }
    }
  }
  return [...found].slice(0, SUGGESTED);
}

class Field {
  // `submit` is called when a word has been chosen, or typed and entered.
  constructor(input, releases, submit) {
    this.input = input;
    this.submit = submit;
    this.list = make("ul", { id: `${input.id}-words`, role: "listbox", hidden: true });
    this.list.setAttribute("aria-label", "Suggestions");
    input.after(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.#open(suggest(releases, input.value)));
    input.addEventListener("keydown", (event) => this.#press(event));
    input.addEventListener("blur", () => this.#open([]));
    // The field keeps the focus.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(option);
    });
  }

  #open(words) {
    const options = words.map((word, i) =>
      make("li", { id: `${this.list.id}-${i}`, role: "option", ariaSelected: "false", dir: "auto", title: word, textContent: word }));
    this.list.replaceChildren(...options);
    this.list.hidden = !options.length;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  #press(event) {
    if (event.isComposing) return;
    const options = [...this.list.children];
    const active = options.findIndex((option) => option.ariaSelected === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      // One place is that of the text as it was typed.
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = options.length + 1;
      this.#activate(options, (active + 1 + step + places) % places - 1);
    } else if (event.key === "Escape" && options.length) {
      event.preventDefault();
      this.#open([]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0) this.#choose(options[active]);
      else this.#finish();
    }
  }

  #activate(options, place) {
    options.forEach((option, i) => { option.ariaSelected = String(i === place); });
    if (place < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", options[place].id);
    options[place]?.scrollIntoView({ block: "nearest" });
  }

  #choose(option) {
    this.input.value = option.textContent;
    this.#finish();
  }

  #finish() {
    this.#open([]);
    this.submit();
  }
}
