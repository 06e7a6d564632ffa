"use strict";
// Without this script the page is whole and readable; with it, it can be searched.
(() => {
  const form = document.querySelector(".filters");
  const controls = [...form.elements].filter((control) => control.name);
  const list = document.querySelector(".cards");
  const count = document.querySelector(".count");
  const empty = document.querySelector(".empty");
  const facts = JSON.parse(document.getElementById("page:facts").textContent);
  const cards = [...list.children].map((item) => ({
    item,
    body: item.querySelector("tbody"),
    details: item.querySelector("details"),
    example: item.querySelector(".code"),
  }));
  const entries = cards
    .flatMap((card) => [...card.body.children].map((row) => ({ card, row })))
    .map((entry, i) => ({
      ...entry,
      facts: facts[i],
      text: facts[i].text.toLowerCase(),
      // Where a card has one row, its code stands above it.
      code: entry.row.querySelector("pre") ?? entry.card.example,
    }));

  // -- search, filters, order -------------------------------------------------

  const compareNames = new Intl.Collator("en", { numeric: true }).compare;
  const compareNumbers = (read, sign) => (a, b) => {
    const [x, y] = [read(a.facts), read(b.facts)];
    // What is not stated comes last in both directions; an included file has 0 bytes.
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      return Number.isFinite(y) - Number.isFinite(x);
    }
    return sign * (x - y);
  };
  const orders = {
    name: (a, b) => compareNames(a.facts.name, b.facts.name),
    dimension: compareNumbers((facts) => Number(facts.dimension), 1),
    words: compareNumbers((facts) => facts.words, -1),
    bytes: compareNumbers((facts) => facts.bytes, 1),
    disk: compareNumbers((facts) => facts.disk, 1),
  };

  const holds = (entry, word) =>
    entry.text.includes(word) ||
    // Part of a name can be part of a checksum by chance, but not so long a part.
    (word.length >= 8 && entry.facts.hashes.some((hash) => hash.startsWith(word)));

  function show() {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const facets = controls.filter((c) => "facet" in c.dataset && c.value);
    for (const entry of entries) {
      entry.row.hidden = !(
        words.every((word) => holds(entry, word)) &&
        facets.every((facet) => entry.facts[facet.name] === facet.value)
      );
    }
    const order = orders[form.elements.sort.value];
    const ordered = order ? [...entries].sort(order) : entries;
    const inside = new Map(cards.map((card) => [card, []]));
    ordered.forEach((entry, place) => {
      entry.place = place;
      inside.get(entry.card).push(entry);
    });
    const heads = cards.map((card) => {
      const rows = inside.get(card);
      const first = rows.find((entry) => !entry.row.hidden);
      arrange(card.body, rows.map((entry) => entry.row));
      card.item.hidden = !first;
      if (first) illustrate(card.example, first.code);
      if (card.details) card.details.open = words.length + facets.length > 0;
      return first ?? rows[0];
    });
    // A card stands where its first row that is shown would.
    heads.sort((a, b) => a.place - b.place);
    arrange(list, heads.map((entry) => entry.card.item));
    const shown = entries.filter((entry) => !entry.row.hidden).length;
    const all = `${entries.length} variant${entries.length === 1 ? "" : "s"}`;
    count.textContent = shown === entries.length ? all : `${shown} of ${all}`;
    empty.hidden = shown > 0;
  }

  function arrange(parent, children) {
    // Moving an item would take the focus from what is in it.
    if (children.some((child, i) => child !== parent.children[i])) {
      parent.append(...children);
    }
  }

  function illustrate(example, code) {
    if (example.dataset.copy === code.dataset.copy) return;
    example.replaceChildren(...code.cloneNode(true).childNodes);
    example.dataset.copy = code.dataset.copy;
    example.nextElementSibling.lastChild.textContent = ` ${code.dataset.copy}`;
  }

  // -- the address: a filtered page can be linked -------------------------------

  function remember() {
    const state = new URLSearchParams();
    for (const control of controls) {
      if (control.value) state.set(control.name, control.value);
    }
    const hash = String(state);
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const control of controls) {
      control.value = state.get(control.name) ?? "";
      // A select has no value that it does not offer.
      if (control.selectedIndex === -1) control.selectedIndex = 0;
    }
    show();
  }

  function update() {
    show();
    remember();
  }

  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    // The button that is about to go would take the focus with it.
    if (empty.contains(document.activeElement)) form.elements.q.focus();
    for (const control of controls) control.value = "";
    update();
  });
  addEventListener("hashchange", () => {
    // A link to a variant, or to a card, that is shown as a whole changes nothing.
    const target = document.getElementById(location.hash.slice(1));
    const isShown = target && !target.closest("[hidden]") && !target.querySelector("[hidden]");
    if (isShown) return reveal(target);
    recall();
    reveal(target);
  });

  function reveal(target) {
    // A row is behind a line of its card, or a card has one.
    const details = target?.closest("details") ?? target?.querySelector("details");
    if (details) details.open = true;
    target?.scrollIntoView();
  }

  form.hidden = document.querySelector(".reset").hidden = false;
  recall();
  reveal(document.getElementById(location.hash.slice(1)));
})();
