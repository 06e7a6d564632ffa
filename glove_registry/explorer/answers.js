// What is asked of a release, and how its answer is shown.

const ANSWERS = 15;

// For each kind of question, what a release answers about some rows: a title, of texts and
// rows; the words to list; and what to mark on the map.
const ASK = {
  near(release, [row]) {
    const words = release.findNearest(release.add([row, 1]), ANSWERS, [row]);
    return { title: ["Nearest to ", row], words, asked: [row], near: words.map((word) => word.row), lines: [] };
  },

  pair(release, [row, other]) {
    const words = release.findNearest(release.add([row, 1], [other, 1]), ANSWERS, [row, other]);
    const ranks = row === other ? [] : [[row, other], [other, row]];
    return {
      title: [row, " and ", other],
      score: release.compare(row, other),
      ranks: ranks.map(([from, to]) => {
        const [rank, ties] = release.rank(from, to);
        return [to, ` is the ${showRank(rank)} word to `, from, showTies(ties)];
      }),
      words,
      asked: [row, other],
      near: words.map((word) => word.row),
      lines: [[row, other]],
    };
  },

  // By 3CosAdd: https://aclanthology.org/W14-1618/
  analogy(release, [a, b, c]) {
    const words = release.findNearest(release.add([a, -1], [b, 1], [c, 1]), ANSWERS, [a, b, c]);
    const best = words.slice(0, 1).map((word) => word.row);
    return {
      title: [a, " is to ", b, " as ", c, " is to"],
      words,
      asked: [a, b, c],
      near: best,
      lines: [[a, b], ...best.map((row) => [c, row])],
    };
  },
};

const ENDINGS = { one: "st", two: "nd", few: "rd", other: "th" };
const ORDINAL = new Intl.PluralRules("en", { type: "ordinal" });

function showRank(rank) {
  return rank === 1 ? "nearest" : `${showCount(rank)}${ENDINGS[ORDINAL.select(rank)]} nearest`;
}

function showTies(ties) {
  return ties ? `, as ${ties === 1 ? "is 1 other" : `are ${showCount(ties)} others`}` : "";
}

// A column for the answer of one release. `choose` is called with a word that is pressed.
function makeColumn(release, answer, isAlone, choose) {
  const spell = (parts) => parts.map((part) => (typeof part === "number" ? quoteWord(release.words[part]) : part));
  const column = makeEmptyColumn(release, isAlone, spell(answer.title));
  if (answer.ranks) {
    column.append(
      make("p", { className: "large", textContent: showScore(answer.score) }),
      make("p", { className: "unit", textContent: "cosine, from −1 to 1" }),
      make("ul", {}, ...answer.ranks.map((parts) => make("li", {}, ...spell(parts)))),
      make("h3", { textContent: "Near to both" }));
  }
  column.append(make("ol", { className: "words" }, ...answer.words.map(({ row, score }) => {
    const word = release.shown[row];
    const button = make("button", { type: "button", dir: "auto", title: word, textContent: showShort(word, 200) });
    button.addEventListener("click", () => choose(word));
    const item = make("li", {}, button, make("span", { className: "score", textContent: showScore(score) }));
    item.style.setProperty("--score", Math.max(score, 0));
    return item;
  })));
  if (!answer.words.length) column.append(make("p", { className: "note", textContent: explainNone(release, answer) }));
  return column;
}

function explainNone(release, { asked }) {
  const hasOthers = release.lengths.some((length, row) => length && !asked.includes(row));
  return hasOthers ? "These directions cancel out, so that no word is near." : "This page has no other words.";
}

// A column that says what a release lacks: each a text that was asked, and its row if any.
function makeExcuse(release, lacking, isAlone) {
  const missing = ` is not among this page’s ${showCount(release.words.length)} words. `;
  const zeros = " has a vector of zeros, which is near to nothing. ";
  return makeEmptyColumn(release, isAlone, lacking.flatMap(([text, row]) => (row === undefined
    ? [quoteText(text), missing]
    : [quoteWord(release.words[row]), zeros])));
}

function makeEmptyColumn(release, isAlone, title) {
  const column = make("section", { className: "column" });
  if (isAlone) column.append(make("h2", {}, ...title));
  else column.append(make("h2", { textContent: release.name }), make("p", { className: "title" }, ...title));
  return column;
}
