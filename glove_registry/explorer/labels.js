// Words beside their points, as many as fit without covering each other.

const LINE = 16;
const GAP = 8;
// Of the words in each cell of this size, so many are tried, the most frequent first.
const CELL = [64, 24];
const TRIES = 2;

class Labels {
  constructor(context) {
    this.context = context;
    this.widths = new Map();
  }

  begin(camera) {
    this.camera = camera;
    this.boxes = [];
  }

  // Keep labels away from points that are marked.
  keepFree(places) {
    for (const [left, top] of places) this.boxes.push([left - 5, top - 5, left + 5, top + 5]);
  }

  // Where to write a word that is marked: around its point, where there is room; undefined
  // if there is none.
  placeBeside(text, left, top, font) {
    const width = this.#measure(text, font);
    const [east, west, middle] = [left + GAP, left - GAP - width, left - width / 2];
    const [north, south] = [top - GAP - LINE + 2, top + GAP - 2];
    const places = [
      [east, top - LINE / 2], [west, top - LINE / 2], [middle, north], [middle, south],
      [east, north], [east, south], [west, north], [west, south],
    ];
    return places.find(([x, y]) => this.#take(x, y, width, 1));
  }

  // Write the most frequent words in view, if there is room at the right of their points.
  *placeOthers(release, skipped, font) {
    const { points, shown } = release;
    const { camera } = this;
    const columns = Math.ceil((camera.width + 200) / CELL[0]);
    const tried = new Uint8Array(columns * Math.ceil((camera.height + 80) / CELL[1]));
    for (let row = 0; row < shown.length; row++) {
      const left = camera.left(points[2 * row]);
      const top = camera.top(points[2 * row + 1]);
      // Words a little outside count, too: otherwise labels would come and go at the edge.
      if (left < -100 || left > camera.width || top < -20 || top > camera.height + 20) continue;
      const cell = Math.floor((left + 100) / CELL[0]) + columns * Math.floor((top + 20) / CELL[1]);
      if (tried[cell] === TRIES || skipped.has(row)) continue;
      tried[cell]++;
      const text = showShort(release.words[row], 24);
      if (this.#take(left + GAP, top - LINE / 2, this.#measure(text, font), 8)) {
        yield [text, left + GAP, top];
      }
    }
  }

  #take(x, y, width, margin) {
    const box = [x - margin, y - margin, x + width + margin, y + LINE + margin];
    for (const [left, top, right, bottom] of this.boxes) {
      if (box[0] < right && box[2] > left && box[1] < bottom && box[3] > top) return false;
    }
    this.boxes.push([x, y, x + width, y + LINE]);
    return true;
  }

  #measure(text, font) {
    const key = `${font} ${text}`;
    if (!this.widths.has(key)) {
      this.context.font = font;
      this.widths.set(key, this.context.measureText(text).width);
    }
    return this.widths.get(key);
  }
}
