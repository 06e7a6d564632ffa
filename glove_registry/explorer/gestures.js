// Mouse, fingers and keys on the map.

const STEP = 80; // pixels of a key
const TRAVEL = 4; // pixels that a press may move before it is a drag

function followGestures(canvas, map) {
  const fingers = new Map();
  let travelled = 0;
  const locate = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, locate(event));
    if (fingers.size === 1) travelled = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = locate(event);
    if (!fingers.has(event.pointerId)) {
      if (event.pointerType === "mouse") map.hover(map.findRow(...place, 12));
      return;
    }
    const before = [...fingers.values()];
    fingers.set(event.pointerId, place);
    const after = [...fingers.values()];
    const [[x, y], [newX, newY]] = [before, after].map(findMiddle);
    travelled += Math.hypot(newX - x, newY - y);
    if (fingers.size === 1 && travelled < TRAVEL) return;
    if (fingers.size > 1) {
      travelled = Infinity;
      map.zoomAt(spread(after) / spread(before), newX, newY);
    }
    map.move(newX - x, newY - y);
  });
  const lift = (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size || travelled >= TRAVEL) return;
    const row = map.findRow(...locate(event), event.pointerType === "mouse" ? 12 : 22);
    if (row !== undefined && event.type === "pointerup") map.pick(row);
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => map.hover(undefined));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    // In lines or pixels; a pinch on a touchpad comes with the control key.
    const amount = event.deltaY * (event.deltaMode ? 20 : 1) * (event.ctrlKey ? 6 : 1);
    map.zoomAt(Math.exp(-Math.max(-400, Math.min(amount, 400)) * 0.002), ...locate(event));
  }, { passive: false });
  const keys = {
    ArrowLeft: () => map.move(STEP, 0),
    ArrowRight: () => map.move(-STEP, 0),
    ArrowUp: () => map.move(0, STEP),
    ArrowDown: () => map.move(0, -STEP),
    "+": () => map.zoom(1.5),
    "=": () => map.zoom(1.5),
    "-": () => map.zoom(1 / 1.5),
    0: () => map.reset(),
  };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}

function findMiddle(places) {
  return [0, 1].map((i) => places.reduce((sum, place) => sum + place[i], 0) / places.length);
}

function spread([first, second]) {
  return Math.max(Math.hypot(first[0] - second[0], first[1] - second[1]), 1);
}
