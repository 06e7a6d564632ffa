"""Whether what is on the screen can be read."""

# Each text on the screen with less contrast to its background than WCAG 2.2 asks for in
# https://www.w3.org/TR/WCAG22/#contrast-minimum, by the formulas given there.
FAINT = """(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((c) => c / 255).map(
      (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const below = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return parse(colour)[3] === 0 ? below(e.parentElement) : colour;
  };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!(own || e.value) || !e.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(below(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${e.tagName} ${e.className} ${ratio}`);
  }
  return faint;
})()"""
