// The graph of a run: its stages as cards, from left to right, in several lines if there are many; or from top to bottom where
// there is little room.

import { h, keyed, s, setAttribute } from "./dom.js";
import { makeCard, updateCard } from "./card.js";
import { layers } from "./layout.js";

const between = 48; // columns
const below = 20; // cards of one column
const lines = 56; // one line and the next
const narrowest = 176, widest = 300; // cards
const gutter = 22; // for the edges that pass cards, when all are in one column

export class Graph {
  #cards = h("ol", { class: "stages" });
  #edges = s("g");
  #lines = s("svg", { class: "edges", "aria-hidden": "true" },
    s("defs", {}, s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
      s("path", { d: "M0 0.5 7 4 0 7.5z" }))), this.#edges);
  #plan = { key: "" };
  #run;

  constructor() {
    this.inner = h("div", { class: "graph" }, this.#lines, this.#cards);
    this.element = h("div", { class: "scroll", role: "region", "aria-label": "Stages, from the sources to the sinks", tabindex: 0 }, this.inner);
    new ResizeObserver(() => this.#place()).observe(this.element);
  }

  update(run, history) {
    this.#run = run;
    const key = JSON.stringify([run.id, run.stages.map((stage) => stage.id), run.edges]);
    if (this.#plan.key !== key) this.#plan = { key, ...layers(run.stages, run.edges ?? []) };
    const stages = new Map(run.stages.map((stage) => [stage.id, stage]));
    const inOrder = this.#plan.columns.flat().filter((node) => node.id !== null).map((node) => stages.get(node.id));
    keyed(this.#cards, inOrder, (stage) => `${run.id}/${stage.id}`, makeCard, (card, stage) => updateCard(card, stage, {
      bottleneck: isBottleneck(run, stage), line: history.of(`${run.id}/${stage.id}`),
    }));
    this.#place();
  }

  #place() {
    const { paddingLeft, paddingRight } = getComputedStyle(this.element);
    const width = Math.floor(this.element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
    if (!this.#run || !(width > 0)) return;
    const cards = new Map();
    for (const [key, card] of this.#cards.parts) cards.set(Number(key.split("/")[1]), card.element);
    const { columns, paths } = this.#plan;
    const down = width < 640 && columns.length > 1;
    const size = down ? this.#placeDown(width, cards) : this.#placeAcross(width, cards);
    this.inner.classList.toggle("down", down);
    this.inner.style.width = `${size.width}px`;
    this.inner.style.height = `${size.height}px`;
    setAttribute(this.#lines, "viewBox", `0 0 ${size.width} ${size.height}`);
    const busy = new Set(this.#run.state === "running" ? this.#run.stages.filter((stage) => stage.items_per_second > 0).map((stage) => stage.id) : []);
    keyed(this.#edges, paths.map((path, i) => ({ path, i })), ({ i }) => i, () => ({ element: s("path", { class: "edge", "marker-end": "url(#arrow)" }) }),
      (edge, { path }) => {
        setAttribute(edge.element, "d", down ? lineDown(path) : lineAcross(path));
        edge.element.classList.toggle("busy", busy.has(path.at(-1).id) || busy.has(path[0].id));
      });
  }

  #placeAcross(width, cards) {
    const { columns } = this.#plan;
    const fit = Math.max(1, Math.floor((width + between) / (narrowest + between)));
    const inLine = Math.ceil(columns.length / Math.ceil(columns.length / fit));
    const card = Math.min(widest, Math.floor((width - between * (inLine - 1)) / inLine));
    for (const element of cards.values()) element.style.width = `${card}px`;
    const heights = columns.map((column) => column.map((node) => (node.id === null ? 0 : cards.get(node.id).offsetHeight)));
    const tall = heights.map((column) => column.reduce((a, b) => a + b, below * (column.length - 1)));
    let top = 0;
    for (let first = 0; first < columns.length; first += inLine) {
      const height = Math.max(...tall.slice(first, first + inLine));
      columns.slice(first, first + inLine).forEach((column, c) => {
        let y = top + (height - tall[first + c]) / 2;
        column.forEach((node, i) => {
          put(node, c * (card + between), y, card, heights[first + c][i], cards);
          node.line = { at: first / inLine, bottom: top + height };
          y += node.h + below;
        });
      });
      top += height + lines;
    }
    return { width: inLine * card + (inLine - 1) * between, height: top - lines };
  }

  #placeDown(width, cards) {
    const nodes = this.#plan.columns.flat().filter((node) => node.id !== null);
    nodes.forEach((node, i) => { node.at = i; });
    const left = this.#plan.paths.some((path) => path.at(-1).at !== path[0].at + 1) ? gutter : 0;
    for (const element of cards.values()) element.style.width = `${width - left}px`;
    let y = 0;
    for (const node of nodes) {
      put(node, left, y, width - left, cards.get(node.id).offsetHeight, cards);
      y += node.h + 34;
    }
    return { width, height: y - 34 };
  }
}

function put(node, x, y, w, height, cards) {
  Object.assign(node, { x, y, w, h: height });
  if (node.id === null) return;
  const { style } = cards.get(node.id);
  style.left = `${x}px`;
  style.top = `${y}px`;
}

// lineAcross goes from the right of the first to the left of the last, straight through the columns between; to the next
// line from below the one to above the other.
function lineAcross(path) {
  let d = "";
  for (let i = 1; i < path.length; i++) {
    const a = path[i - 1], b = path[i];
    const arrow = b.id === null ? 0 : 3;
    if (a.line.at === b.line.at) {
      const x = a.x + a.w, y = a.y + a.h / 2, toX = b.x - arrow, toY = b.y + b.h / 2, middle = (x + toX) / 2;
      d += `M${x} ${y}C${middle} ${y} ${middle} ${toY} ${toX} ${toY}`;
      if (b.id === null) d += `H${b.x + b.w}`;
    } else {
      const x = a.x + a.w / 2, toX = b.x + b.w / 2, middle = a.line.bottom + lines / 2, r = 12 * Math.sign(toX - x);
      d += `M${x} ${a.y + a.h}V${middle - 12}Q${x} ${middle} ${x + r} ${middle}H${toX - r}Q${toX} ${middle} ${toX} ${middle + 12}V${b.y - arrow}`;
      if (b.id === null) d += `Q${toX} ${b.y} ${toX + 12} ${b.y}H${b.x + b.w}`;
    }
  }
  return d;
}

// lineDown goes straight to the next card, or through the gutter past those between.
function lineDown(path) {
  const from = path[0], to = path.at(-1);
  if (to.at === from.at + 1) {
    const x = from.x + from.w / 2;
    return `M${x} ${from.y + from.h}V${to.y - 3}`;
  }
  const a = from.y + from.h / 2, b = to.y + to.h / 2;
  return `M${from.x} ${a}C4 ${a} 4 ${a} 4 ${a + 16 * Math.sign(b - a)}V${b - 16 * Math.sign(b - a)}C4 ${b} 4 ${b} ${to.x - 3} ${b}`;
}

export function isBottleneck(run, stage) {
  return Boolean(run.bottleneck?.kind) && run.bottleneck.stage === stage.id;
}
