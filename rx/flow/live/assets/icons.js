// Icons, each beside a word that says the same.

import { s } from "./dom.js";

const shapes = {
  source: "M3 3.5v9M3 8h9m-3.5-3.5L12 8l-3.5 3.5",
  sink: "M13 3.5v9M2 8h8M6.5 4.5 10 8l-3.5 3.5",
  step: "M2 8h2.5m7 0H14M4.5 4.5h7v7h-7z",
  boundary: "M2 8h3m6 0h3M6.5 3v10M9.5 3v10",
  bottleneck: "M4 2h8M4 14h8M5 2c0 4 2.2 4.6 2.2 6S5 10 5 14M11 2c0 4-2.2 4.6-2.2 6S11 10 11 14",
  running: "M5 3.2v9.6L13 8z",
  completed: "m3 8.5 3.2 3.3L13 4.5",
  failed: "m4 4 8 8m0-8-8 8",
  canceled: "M4.5 4.5h7v7h-7z",
  left: "M13 12V9.5A3.5 3.5 0 0 0 9.5 6H3.5m3-3-3 3 3 3",
};

export function icon(name) {
  return s("svg", { class: `icon ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: shapes[name] ?? "" }));
}

export const states = {
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  canceled: "Canceled",
  left: "Left early",
};
