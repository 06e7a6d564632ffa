// The map: points, marks and labels, and the view of them.

const FLIGHT = 400; // milliseconds
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

class WordMap {
  // `pick` is called with a row that was clicked, `moved` after each change of the view.
  constructor(element, pick, moved) {
    this.element = element;
    this.pick = pick;
    this.moved = moved;
    this.camera = new Camera();
    this.top = element.querySelector(".labels");
    this.context = this.top.getContext("2d");
    this.labels = new Labels(this.context);
    this.points = new Points(element.querySelector(".points"));
    this.marks = { asked: [], near: [], lines: [] };
    followGestures(this.top, this);
    // At once, as its first call comes after the first picture.
    this.#resize();
    new ResizeObserver(() => this.#resize()).observe(element);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#readColours());
    this.#readColours();
  }

  show(release) {
    this.release = release;
    this.points.load(release.points);
    this.mark({ asked: [], near: [], lines: [] });
  }

  // Rows to stand out: those that were asked about, those near to them, and lines from
  // row to row.
  mark(marks) {
    this.marks = marks;
    this.hovered = undefined;
    this.redraw();
  }

  get view() {
    return this.camera.view;
  }

  set view(view) {
    cancelAnimationFrame(this.flight);
    this.camera.set(view);
    this.redraw();
    this.moved();
  }

  // Move so that all of these rows are seen.
  flyTo(rows) {
    this.#fly(this.camera.frame(rows.map((row) => this.#find(row))));
  }

  reset() {
    this.#fly({ x: 0, y: 0, zoom: 1 });
  }

  zoom(factor) {
    this.zoomAt(factor, this.camera.width / 2, this.camera.height / 2);
  }

  redraw() {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = undefined;
      this.#draw();
    });
  }

  // -- drawing -------------------------------------------------------------------

  #draw() {
    const { camera, context, release, marks, colours } = this;
    // Without a size, such as in a page that is hidden, a point would be larger than all.
    if (!release || !camera.width) return;
    const ratio = this.top.width / camera.width;
    const isMarked = marks.asked.length > 0;
    this.points.draw(camera, readColour(colours.dot), isMarked ? 0.6 : 0.8);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    context.lineJoin = "round";
    context.textBaseline = "middle";
    const place = (row) => {
      const [x, y] = this.#find(row);
      return [camera.left(x), camera.top(y)];
    };
    const asked = new Set(marks.asked);
    const rows = [...new Set([...marks.asked, ...marks.near])];
    for (const [from, to] of marks.lines) this.#drawLine(place(from), place(to));
    this.labels.begin(camera);
    this.labels.keepFree(marks.asked.map(place));
    const written = rows.map((row, i) => {
      // What was asked about is named first, over other points if need be.
      if (i === asked.size) this.labels.keepFree(marks.near.map(place));
      const isAsked = asked.has(row);
      const font = `${isAsked ? 650 : 500} 13px ${colours.font}`;
      const text = showShort(release.words[row], 32);
      const spot = this.labels.placeBeside(text, ...place(row), font);
      return spot && [text, spot[0], spot[1] + LINE / 2, font, isAsked ? colours.asked : colours.ink];
    }).filter(Boolean);
    for (const row of [...rows].reverse()) {
      if (asked.has(row)) this.#drawDot(...place(row), 5.5, colours.asked);
      else this.#drawDot(...place(row), 4, colours.near);
    }
    const font = `12px ${colours.font}`;
    context.globalAlpha = isMarked ? 0.85 : 1;
    for (const [text, left, top] of this.labels.placeOthers(release, new Set(rows), font)) {
      this.#write(text, left, top, font, colours.soft);
    }
    context.globalAlpha = 1;
    for (const label of written) this.#write(...label);
    if (this.hovered !== undefined) {
      const [left, top] = place(this.hovered);
      this.#drawDot(left, top, 5, colours.ink);
      const bold = `600 13px ${colours.font}`;
      const text = showShort(release.words[this.hovered], 60);
      context.font = bold;
      const width = context.measureText(text).width;
      this.#write(text, Math.max(4, Math.min(left - width / 2, camera.width - width - 4)),
        top > 30 ? top - 16 : top + 18, bold, colours.ink);
    }
  }

  #drawDot(left, top, radius, colour) {
    const { context } = this;
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.strokeStyle = this.colours.card;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  #drawLine(from, to) {
    const { context } = this;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.strokeStyle = this.colours.asked;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  #write(text, left, top, font, colour) {
    const { context } = this;
    context.font = font;
    context.strokeStyle = this.colours.card;
    context.lineWidth = 4;
    context.strokeText(text, left, top);
    context.fillStyle = colour;
    context.fillText(text, left, top);
  }

  #readColours() {
    const style = getComputedStyle(this.element);
    this.colours = { font: style.fontFamily };
    for (const name of ["dot", "asked", "near", "ink", "soft", "card"]) {
      this.colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.redraw();
  }

  // -- moving --------------------------------------------------------------------

  #find(row) {
    return [this.release.points[2 * row], this.release.points[2 * row + 1]];
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    Object.assign(this.camera, { width, height });
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.points.canvas, this.top]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    // Now, as the canvases have just been emptied.
    this.#draw();
  }

  move(right, down) {
    this.camera.move(right, down);
    this.view = this.camera.view;
  }

  zoomAt(factor, left, top) {
    this.camera.zoomAt(factor, left, top);
    this.view = this.camera.view;
  }

  #fly(to) {
    const from = this.view;
    cancelAnimationFrame(this.flight);
    if (STILL.matches) {
      this.view = to;
      return;
    }
    const begin = performance.now();
    const step = (now) => {
      const time = Math.min(Math.max((now - begin) / FLIGHT, 0), 1);
      const part = time * time * (3 - 2 * time);
      this.view = {
        x: from.x + (to.x - from.x) * part,
        y: from.y + (to.y - from.y) * part,
        zoom: from.zoom * (to.zoom / from.zoom) ** part,
      };
      if (time < 1) this.flight = requestAnimationFrame(step);
    };
    this.flight = requestAnimationFrame(step);
  }

  // The word nearest to a place, if it is within reach; of several the most frequent.
  findRow(left, top, reach) {
    const { camera, release } = this;
    let [found, least] = [undefined, reach * reach];
    for (let row = 0; row < release.words.length; row++) {
      const [right, down] = [camera.left(release.points[2 * row]) - left, camera.top(release.points[2 * row + 1]) - top];
      const distance = right * right + down * down;
      if (distance < least) [found, least] = [row, distance];
    }
    return found;
  }

  hover(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.top.classList.toggle("over", row !== undefined);
    this.redraw();
  }
}

// A colour of the style sheet, written as #rrggbb, in numbers from 0 to 1.
function readColour(text) {
  return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16) / 255);
}
