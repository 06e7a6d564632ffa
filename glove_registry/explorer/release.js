// A release: its words, their vectors, and which are near to which.

function readBytes(id) {
  const element = document.getElementById(id);
  const text = element.textContent.trim();
  element.remove();
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text).buffer;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

class Release {
  constructor(facts, number) {
    Object.assign(this, facts);
    this.numbers = new Int8Array(readBytes(`page:numbers-${number}`));
    this.points = new Float32Array(readBytes(`page:points-${number}`));
    this.lengths = Float64Array.from(this.words, (_, row) => Math.sqrt(this.#dot(this.#read(row), row)));
    this.shown = this.words.map(show);
    this.folded = this.shown.map((word) => word.toLowerCase());
    // What is shown goes first, so that a word that is pressed is the one that is found.
    this.rows = new Map([...this.words.entries(), ...this.shown.entries()].map(([row, word]) => [word, row]));
  }

  // The row of a word as it is, then in lower, title and upper case; undefined if none.
  find(word) {
    const lower = word.toLowerCase();
    const title = lower.replace(/\p{L}+/gu, ([first, ...rest]) => first.toUpperCase() + rest.join(""));
    for (const form of [word, lower, title, word.toUpperCase()]) {
      if (this.rows.has(form)) return this.rows.get(form);
    }
    return undefined;
  }

  // The sum of directions: each a row, and what its vector of length 1 is multiplied by.
  add(...terms) {
    const sum = new Float64Array(this.dimension);
    for (const [row, factor] of terms) {
      const times = factor / (this.lengths[row] || 1);
      this.#read(row).forEach((number, i) => { sum[i] += times * number; });
    }
    return sum;
  }

  // The cosine of two rows.
  compare(row, other) {
    return this.#dot(this.#read(row), other) / (this.lengths[row] * this.lengths[other]);
  }

  // The rows whose cosine with a vector is largest, the best first, and these cosines. Zeros
  // are near to nothing, nor are directions that cancel out but for rounding.
  findNearest(vector, count, excluded) {
    const length = Math.hypot(...vector);
    const best = [];
    if (length < 1e-9) return best;
    let worst = -Infinity;
    for (let row = 0; row < this.words.length; row++) {
      const score = this.#dot(vector, row) / (length * this.lengths[row]);
      // With zeros it is no number, which is larger than none.
      if (!(score > worst) || excluded.includes(row)) continue;
      let place = best.length;
      while (place > 0 && best[place - 1].score < score) place--;
      best.splice(place, 0, { row, score });
      if (best.length > count) best.pop();
      if (best.length === count) worst = best[count - 1].score;
    }
    return best;
  }

  // How many words are nearer to a word than another is, plus one; and how many as near.
  rank(row, other) {
    const vector = this.#read(row);
    const limit = this.compare(row, other);
    let [rank, ties] = [1, 0];
    for (let each = 0; each < this.words.length; each++) {
      if (each === row || each === other) continue;
      const score = this.#dot(vector, each) / (this.lengths[row] * this.lengths[each]);
      if (score > limit) rank++;
      if (score === limit) ties++;
    }
    return [rank, ties];
  }

  #read(row) {
    const start = row * this.dimension;
    return Float64Array.from(this.numbers.subarray(start, start + this.dimension));
  }

  #dot(vector, row) {
    const { dimension, numbers } = this;
    const start = row * dimension;
    let sum = 0;
    for (let i = 0; i < dimension; i++) sum += vector[i] * numbers[start + i];
    return sum;
  }
}
