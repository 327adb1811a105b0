// What rates were in the last two minutes, as far as this page has seen them, and lines of them.

import { s, setAttribute } from "./dom.js";

const length = 120;

// History keeps the last values by key.
export class History {
  #lines = new Map();

  // add takes in what there is at a time: [key, value]. What is not there any more is forgotten.
  add(values) {
    const lines = new Map();
    for (const [key, value] of values) {
      const line = this.#lines.get(key) ?? [];
      line.push(value);
      if (line.length > length) line.shift();
      lines.set(key, line);
    }
    this.#lines = lines;
  }

  of(key) {
    return this.#lines.get(key) ?? [];
  }
}

const width = 120, height = 28;

// sparkline makes a line of values. It is for the eye: the number is written beside it.
export function sparkline() {
  const area = s("path", { class: "spark-area" });
  const line = s("path", { class: "spark-line" });
  const element = s("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, area, line);
  return { element, area, line };
}

export function drawSparkline({ element, area, line }, values) {
  element.classList.toggle("none", values.length < 2);
  if (values.length < 2) return;
  const most = Math.max(...values) || 1;
  const slots = Math.max(values.length, 30) - 1;
  const at = values.map((value, i) => [
    (width * (slots - values.length + 1 + i)) / slots,
    height - 2 - (height - 4) * (value / most),
  ].map((n) => n.toFixed(1)).join(" "));
  setAttribute(line, "d", `M${at.join("L")}`);
  setAttribute(area, "d", `M${at[0].split(" ")[0]} ${height}L${at.join("L")}L${width} ${height}Z`);
}
