"use strict";
// Words as they are shown: a release may contain any character.

// What does not print is escaped as in Python, and so are the backslash, letters that are
// not drawn, and marks after four on one letter: no two words are shown alike. Two joiners
// are kept, as they decide how letters and emoji around them look.
const ESCAPED = new RegExp([
  /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u,
  /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\u{e0100}-\u{e01ef}]/u,
  /(?<=[\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]/u,
].map((each) => each.source).join("|"), "gu");
const KEPT = " \u200c\u200d";
const NAMED = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function show(word) {
  return word.replace(ESCAPED, (character) => {
    if (KEPT.includes(character)) return character;
    if (character in NAMED) return NAMED[character];
    const code = character.codePointAt(0);
    const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
  });
}

function showShort(word, most) {
  // The rest is not looked at: words can be long, and the map shows many in each frame.
  const characters = [...show(word.slice(0, 2 * most + 1))];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : characters.join("");
}

// As many digits as numbers of 8 bits can hold.
const showScore = (score) => score.toFixed(2).replace("-0.00", "0.00").replace("-", "−");

const showCount = (count) => count.toLocaleString("en");

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// A word between other text: its direction does not reorder what is around it.
const quote = (textContent) => make("bdi", { className: "quoted", textContent });
const quoteWord = (word) => quote(showShort(word, 60));
// What was typed may be escaped already.
const quoteText = (text) => quote(showShort(text, 60).replaceAll("\\\\", "\\"));
