// The run that is selected: what there is to be said of all of it, its graph, and its figures.

import { h, keyed, setText } from "./dom.js";
import { timesOf } from "./card.js";
import { capital, clock, count, duration, figure, percent, rate, sentence } from "./format.js";
import { Graph, isBottleneck } from "./graph.js";
import { drawSparkline, sparkline } from "./history.js";
import { icon, states } from "./icons.js";
import { Table } from "./table.js";

const hints = {
  source: "All stages wait for what it reads.",
  step: "What is upstream of it has to wait, and what is downstream could do more.",
  boundary: "What is upstream of it has to wait, and what is downstream could do more.",
  sink: "All stages could do more than it takes.",
};

export class RunView {
  #title = h("h1");
  #state = h("span", { class: "state" });
  #since = h("p", { class: "quiet" });
  #words = h("strong");
  #hint = h("span", { class: "quiet" });
  #sentence = h("div", { class: "sentence", id: "sentence" }, icon("bottleneck"), h("p", {}, this.#words, this.#hint));
  #error = h("div", { class: "error" });
  #tiles = h("ul", { class: "tiles" });
  #graph = new Graph();
  #table = new Table(h("table"), ["<Stage", "<Kind", "In", "Out", "Rate", "Waits upstream", "Own work", "Of it, waits for requests", "Waits downstream",
    "Buffer", "Lag", "Calls", "Errors", "Retries", "Dropped", "<Its own figures"], (stage) => stage.id);

  #stages = h("section", { class: "panel", "aria-labelledby": "stages-title" },
    h("div", { class: "panel-head" }, h("h2", { id: "stages-title" }, "Stages"), legend()),
    this.#graph.element,
    h("details", { class: "figures" }, h("summary", {}, "All figures in a table"),
      h("div", { class: "scroll", role: "region", "aria-label": "All figures", tabindex: 0 }, this.#table.element)));

  constructor() {
    this.element = h("article", { "aria-label": "Run" },
      h("div", { class: "run-head" }, this.#title, this.#state, this.#since), this.#error, this.#sentence, this.#tiles, this.#stages);
  }

  // update shows a run. Of one that has ended the stages may not be there yet.
  update(run, history) {
    setText(this.#title, run.name);
    if (this.#state.dataset.state !== run.state) {
      this.#state.dataset.state = run.state;
      this.#state.replaceChildren(icon(run.state), states[run.state] ?? run.state);
    }
    const end = run.end ? `, ended ${clock(run.end)}` : "";
    setText(this.#since, `${duration(run.seconds)} · began ${clock(run.start)}${end} · run ${run.id}`);
    this.#showSentence(run);
    this.#error.hidden = !run.error;
    if (run.error) this.#error.replaceChildren(h("h2", {}, icon("failed"), "It failed with"), h("pre", {}, run.error));
    this.#stages.hidden = this.#tiles.hidden = !run.stages?.length;
    if (this.#stages.hidden) return;
    keyed(this.#tiles, tilesOf(run), (tile) => tile.label, makeTile, (part, tile) => updateTile(part, tile, history));
    this.#graph.update(run, history);
    this.#table.update(run.stages.toReversed(), (stage) => rowOf(run, stage));
  }

  #showSentence(run) {
    const words = sentence(run.bottleneck);
    this.#sentence.hidden = !words && run.state !== "running";
    this.#sentence.classList.toggle("found", Boolean(words) && run.state === "running");
    setText(this.#words, words ? capital(words) : "Where the bottleneck is, is not known yet");
    setText(this.#hint, words && run.state === "running" ? hints[run.bottleneck.kind] ?? "" : "");
  }
}

function legend() {
  return h("ul", { class: "legend", "aria-label": "Shares of time" },
    h("li", {}, h("i", { class: "upstream" }), "waits for upstream"),
    h("li", {}, h("i", { class: "own" }), "own work and unnamed steps"),
    h("li", {}, h("i", { class: "downstream" }), "waits for downstream"));
}

// paceOf is how fast a run is: into its sinks, or out of its stage that is last.
export function paceOf(run) {
  const sinks = run.stages.filter((stage) => stage.kind === "sink");
  return (sinks.length ? sinks : run.stages.slice(0, 1)).reduce((sum, stage) => sum + stage.items_per_second, 0);
}

function tilesOf(run) {
  const sum = (part, kind) => run.stages.filter((stage) => !kind || stage.kind === kind).reduce((n, stage) => n + stage[part], 0);
  const seen = (part, kind) => (run.stages.some((stage) => stage.kind === kind) ? count(sum(part, kind)) : "–");
  const troubles = [["Errors", sum("errors")], ["Retries", sum("retries")], ["Dropped", sum("drops")]];
  return [
    { label: run.state === "running" ? "Items per second" : "Items per second, on average", text: rate(paceOf(run)), line: `${run.id}` },
    { label: "Read", text: seen("items_out", "source") },
    { label: "Into the sink", text: seen("items_in", "sink") },
    ...troubles.map(([label, n]) => ({ label, text: count(n), bad: n > 0 })),
  ];
}

function makeTile({ label, line }) {
  const text = h("b");
  const spark = line ? sparkline() : null;
  return { element: h("li", {}, h("span", {}, label), h("div", {}, text, spark?.element)), text, spark };
}

function updateTile(part, tile, history) {
  setText(part.text, tile.text);
  part.element.classList.toggle("bad", Boolean(tile.bad));
  if (part.spark) drawSparkline(part.spark, history.of(tile.line));
}

function rowOf(run, stage) {
  const shares = Object.fromEntries(timesOf(stage).map(({ part, share }) => [part, percent(share)]));
  const level = (l) => (l ? `${count(l.now)} of ${count(l.max)}` : "–");
  return [
    stage.name + (isBottleneck(run, stage) ? " (bottleneck)" : ""), stage.kind,
    stage.kind === "source" ? "–" : count(stage.items_in), stage.kind === "sink" ? "–" : count(stage.items_out), rate(stage.items_per_second),
    shares.upstream ?? "–", shares.own ?? "–", shares.requests ?? "–", shares.downstream ?? "–", level(stage.buffer),
    stage.lag_seconds ? duration(stage.lag_seconds) : "–", level(stage.calls),
    count(stage.errors), count(stage.retries), count(stage.drops),
    (stage.values ?? []).map((value) => figure(value).join(": ")).join(", "),
  ];
}
