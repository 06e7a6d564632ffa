// The page: what is asked, what is shown, and the address that leads to it again.

// The kinds of questions, and the names of their words in the address.
const MODES = { near: ["word"], pair: ["a", "b"], analogy: ["a", "b", "c"] };

const releases = JSON.parse(document.getElementById("page:releases").textContent).map(
  (facts, number) => new Release(facts, number));
const answers = document.querySelector(".answers");
const status = document.querySelector(".announced");
const chooser = document.querySelector("[name=map]");
const forms = {};
const fields = {};
for (const each of Object.keys(MODES)) {
  forms[each] = document.getElementById(`page:${each}`);
  fields[each] = [...forms[each].querySelectorAll("input")].map((input) => new Field(input, releases, submit));
}
// Which form is open, and the question that was asked last.
let mode = "near";
let question = { mode, words: [] };
let found = [];
let timer;
const map = openMap();

// -- questions --------------------------------------------------------------------

function setMode(chosen) {
  mode = chosen;
  for (const [each, form] of Object.entries(forms)) form.hidden = each !== mode;
  document.querySelector(`[name=mode][value=${mode}]`).checked = true;
}

function fill(chosen, words) {
  words.forEach((word, i) => { fields[chosen][i].input.value = word; });
}

const readWords = () => fields[mode].map((field) => field.input.value);

function submit() {
  const empty = fields[mode].find((field) => !field.input.value.trim());
  if (empty) empty.input.focus();
  else ask(mode, readWords(), true);
}

// Ask about words, and fly to where they are on the map unless they were found there.
function ask(chosen, words, isToFly) {
  answer(chosen, words);
  if (isToFly) fly();
  remember("pushState");
}

function answer(chosen, words) {
  setMode(chosen);
  fill(chosen, words);
  question = { mode: chosen, words };
  const isAlone = releases.length === 1;
  found = releases.map((release) => {
    const rows = words.map((word) => release.find(word) ?? release.find(word.trim()));
    // Those without a row, and those without a direction.
    const lacking = words.map((word, i) => [word, rows[i]]).filter(([, row]) => !release.lengths[row]);
    return lacking.length ? { lacking, asked: [], near: [], lines: [] } : ASK[chosen](release, rows);
  });
  const hadFocus = answers.contains(document.activeElement);
  answers.replaceChildren(...releases.map((release, i) => found[i].lacking
    ? makeExcuse(release, found[i].lacking, isAlone)
    : makeColumn(release, found[i], isAlone, (word) => ask("near", [word], true))));
  // The button that had it is gone.
  if (hadFocus) answers.focus();
  status.textContent = [...answers.querySelectorAll("h2, .title, .large")].map((e) => e.textContent).join(". ");
  map?.mark(found[shown()]);
}

// -- the map ----------------------------------------------------------------------

function openMap() {
  const element = document.querySelector(".sky");
  try {
    const opened = new WordMap(element, (row) => ask("near", [releases[shown()].shown[row]], false), () => {
      clearTimeout(timer);
      timer = setTimeout(remember, 300, "replaceState");
    });
    opened.show(releases[0]);
    const buttons = { closer: () => opened.zoom(1.5), farther: () => opened.zoom(1 / 1.5), whole: () => opened.reset() };
    for (const [name, act] of Object.entries(buttons)) {
      document.querySelector(`[name=${name}]`).addEventListener("click", act);
    }
    return opened;
  } catch {
    element.replaceChildren(make("p", {
      className: "note warning",
      textContent: "There is no map, as this browser offers no WebGL 2. All else works without it.",
    }));
    document.querySelector(".controls").hidden = true;
    return undefined;
  }
}

// Which release the map shows.
function shown() {
  return Number(chooser?.value ?? 0);
}

function fly() {
  const { asked, near } = found[shown()];
  if (map && asked.length) map.flyTo([...asked, ...near]);
}

function changeMap() {
  map?.show(releases[shown()]);
  document.querySelectorAll("[data-release]").forEach((e) => { e.hidden = Number(e.dataset.release) !== shown(); });
  if (found.length) map?.mark(found[shown()]);
}

// -- the address ------------------------------------------------------------------

// Write the words and the view into the address, as a new or the same place in the history.
function remember(how) {
  // A page within a page, such as in a notebook, has no address of its own.
  if (location.protocol === "about:") return;
  const state = new URLSearchParams();
  question.words.forEach((word, i) => state.set(MODES[question.mode][i], word));
  if (shown()) state.set("map", shown() + 1);
  if (map) {
    const { x, y, zoom } = map.view;
    if (x || y || zoom !== 1) state.set("view", [x, y, zoom].map((number) => +number.toPrecision(5)).join(","));
  }
  const hash = `#${state}`;
  if (hash !== location.hash) history[how](null, "", hash);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  const chosen = state.has("c") ? "analogy" : state.has("a") ? "pair" : "near";
  const words = MODES[chosen].map((name) => state.get(name) ?? "");
  if (chooser) {
    const number = Number(state.get("map")) - 1;
    chooser.value = releases[number] ? number : 0;
    changeMap();
  }
  if (words.every(Boolean)) answer(chosen, words);
  const view = state.get("view")?.split(",").map(Number) ?? [];
  if (map) {
    const [x, y, zoom] = view.length === 3 && view.every(Number.isFinite) ? view : [0, 0, 1];
    map.view = { x, y, zoom };
  }
}

// -- the beginning ----------------------------------------------------------------

// Words to begin with: known ones where the release has them, or else a frequent one, that
// is more than a particle.
function begin() {
  const [release] = releases;
  const has = (...words) => words.every((word) => release.rows.has(word));
  const from = Math.min(500, Math.floor(release.words.length / 4));
  const other = release.words.findIndex(
    (word, row) => row >= from && release.lengths[row] && /^\p{L}{4,}$/u.test(word));
  const first = Math.max(release.lengths.findIndex(Boolean), 0);
  const row = has("music") ? release.rows.get("music") : other < 0 ? first : other;
  const [nearest = { row }] = release.findNearest(release.add([row, 1]), 1, [row]);
  fill("pair", has("coffee", "tea") ? ["coffee", "tea"] : [row, nearest.row].map((each) => release.shown[each]));
  if (has("man", "king", "woman")) fill("analogy", ["man", "king", "woman"]);
  answer("near", [release.shown[row]]);
}

for (const input of document.querySelectorAll("[name=mode]")) {
  input.addEventListener("change", () => {
    setMode(input.value);
    if (readWords().every(Boolean)) ask(mode, readWords(), true);
  });
}
for (const form of Object.values(forms)) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}
chooser?.addEventListener("change", () => {
  changeMap();
  remember("replaceState");
});
window.addEventListener("hashchange", recall);
begin();
recall();
// Without a question in it, the first address would be none to go back to.
remember("replaceState");
