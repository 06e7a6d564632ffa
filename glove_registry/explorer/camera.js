// Which part of the map is seen, in pixels of CSS.

const LEAST_ZOOM = 0.25;
const MOST_ZOOM = 4000;

class Camera {
  constructor() {
    this.width = this.height = 0;
    this.reset();
  }

  reset() {
    this.set({ x: 0, y: 0, zoom: 1 });
  }

  get view() {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }

  set({ x, y, zoom }) {
    Object.assign(this, { x, y, zoom: Math.min(Math.max(zoom, LEAST_ZOOM), MOST_ZOOM) });
  }

  // Pixels of one unit: at first nearly all words are seen.
  get scale() {
    return Math.min(this.width, this.height) * 0.46 * this.zoom;
  }

  left(x) {
    return this.width / 2 + (x - this.x) * this.scale;
  }

  top(y) {
    return this.height / 2 - (y - this.y) * this.scale;
  }

  move(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
  }

  // What is at this place stays there.
  zoomAt(factor, left, top) {
    const before = this.scale;
    this.set({ ...this.view, zoom: this.zoom * factor });
    const change = 1 / before - 1 / this.scale;
    this.x += (left - this.width / 2) * change;
    this.y -= (top - this.height / 2) * change;
  }

  // The view of all of these points, not nearer than is useful.
  frame(points) {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [west, east] = [Math.min(...xs), Math.max(...xs)];
    const [south, north] = [Math.min(...ys), Math.max(...ys)];
    const unit = this.scale / this.zoom;
    const zoom = Math.min(
      (this.width * 0.6) / unit / (east - west), (this.height * 0.7) / unit / (north - south), 40);
    return { x: (west + east) / 2, y: (south + north) / 2, zoom };
  }
}
