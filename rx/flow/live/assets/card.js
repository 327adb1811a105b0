// A stage in the graph.

import { h, keyed, setAttribute, setText } from "./dom.js";
import { count, duration, figure, percent, rate } from "./format.js";
import { drawSparkline, sparkline } from "./history.js";
import { icon } from "./icons.js";

export function makeCard(stage) {
  const card = {
    name: h("h4"),
    badge: h("span", { class: "badge" }, icon("bottleneck"), "Bottleneck"),
    rate: h("span", { class: "rate" }),
    spark: sparkline(),
    items: h("p", { class: "items" }),
    times: h("ul", { class: "times" }),
    levels: h("ul", { class: "levels" }),
    values: h("dl", { class: "values" }),
    troubles: h("ul", { class: "troubles" }),
  };
  card.bar = h("div", { class: "bar", "aria-hidden": "true" }, ...["upstream", "own", "requests", "downstream"].map((part) => h("span", { class: part })));
  card.element = h("li", { class: "card", "data-kind": stage.kind },
    h("div", { class: "card-head" }, h("span", { class: "kind" }, icon(stage.kind), stage.kind), card.badge),
    card.name,
    h("div", { class: "pace" }, card.rate, card.spark.element),
    card.items, card.bar, card.times, card.levels, card.values, card.troubles);
  return card;
}

export function updateCard(card, stage, { bottleneck, line }) {
  setText(card.name, stage.name);
  setAttribute(card.name, "title", stage.name);
  card.element.classList.toggle("bottleneck", bottleneck);
  card.badge.hidden = !bottleneck;
  setText(card.rate, rate(stage.items_per_second));
  drawSparkline(card.spark, line);
  setText(card.items, itemsOf(stage));
  showTimes(card, stage);
  keyed(card.levels, levelsOf(stage), (level) => level.label, makeLevel, updateLevel);
  keyed(card.values, valuesOf(stage), (value) => value.name, makeValue, updateValue);
  keyed(card.troubles, troublesOf(stage), (trouble) => trouble.word, makeTrouble, updateTrouble);
}

function itemsOf(stage) {
  const several = stage.begun > 1 ? ` · ${count(stage.running)} of ${count(stage.begun)} running` : "";
  switch (stage.kind) {
    case "sink": return `${count(stage.items_in)} items in${several}`;
    case "source": return `${count(stage.items_out)} items out${several}`;
    default:
      if (stage.items_in === stage.items_out) return `${count(stage.items_out)} items${several}`;
      return `${count(stage.items_in)} in, ${count(stage.items_out)} out${several}`;
  }
}

// showTimes shows how the time is split up. The three shares of a boundary are of several goroutines, so they are no parts
// of one bar.
function showTimes(card, stage) {
  const boundary = stage.kind === "boundary";
  card.bar.hidden = boundary;
  const { own, requests = 0 } = stage.share;
  const parts = { ...stage.share, own: own - requests, requests };
  if (!boundary) for (const part of card.bar.children) part.style.width = `${100 * Math.min(1, parts[part.className])}%`;
  keyed(card.times, timesOf(stage), (time) => time.part, makeTime, updateTime);
}

// timesOf gives the shares of a stage's time, with what they mean.
export function timesOf(stage) {
  const { upstream, own, requests, downstream } = stage.share;
  if (stage.kind === "boundary") {
    const times = [{ part: "upstream", word: "empty", share: upstream }, { part: "downstream", word: "full", share: downstream }];
    if (stage.calls) times.splice(1, 0, { part: "own", word: "calls", share: own });
    return times;
  }
  const times = [{ part: "upstream", word: "upstream", share: upstream }, { part: "own", word: "own", share: own },
    { part: "downstream", word: "downstream", share: downstream }];
  if (requests) times.splice(2, 0, { part: "requests", word: "of it, waits for requests", share: requests });
  if (stage.kind === "source") times.shift();
  if (stage.kind === "sink") times.pop();
  return times;
}

function makeTime({ part }) {
  const share = h("b"), word = h("span");
  return { element: h("li", {}, h("i", { class: part, "aria-hidden": "true" }), word, share), share, word };
}

function updateTime(time, { word, share }) {
  setText(time.word, word);
  setText(time.share, percent(share));
}

function levelsOf(stage) {
  const levels = [];
  const progress = stage.values?.find((value) => value.name === "progress_share");
  if (progress) levels.push({ label: "Progress", now: progress.value, max: 1, text: percent(progress.value) });
  if (stage.buffer) levels.push({ label: "Buffer", ...stage.buffer, text: bufferOf(stage) });
  if (stage.calls) levels.push({ label: "Calls", ...stage.calls });
  return levels;
}

// bufferOf tells how full a buffer is, and how far behind that makes who reads from it.
function bufferOf({ buffer, lag_seconds }) {
  const level = `${count(buffer.now)} of ${count(buffer.max)}`;
  return lag_seconds ? `${level}, lag ${duration(lag_seconds)}` : level;
}

function makeLevel({ label }) {
  const text = h("b"), fill = h("span");
  const bar = h("div", { class: "level", role: "meter", "aria-label": label, "aria-valuemin": 0 }, fill);
  return { element: h("li", {}, h("span", {}, label), text, bar), text, fill, bar };
}

function updateLevel(level, { now, max, text }) {
  setText(level.text, text ?? `${count(now)} of ${count(max)}`);
  level.fill.style.width = `${max > 0 ? 100 * Math.min(1, now / max) : 0}%`;
  setAttribute(level.bar, "aria-valuenow", Math.min(now, max));
  setAttribute(level.bar, "aria-valuemax", max);
}

// valuesOf gives the figures that say something on a card; the table has all.
function valuesOf(stage) {
  return (stage.values ?? []).filter(({ name, gauge, value }) => name !== "progress_share" && (gauge || value !== 0)).slice(0, 8);
}

function makeValue() {
  const label = h("dt"), text = h("dd");
  return { element: h("div", {}, label, text), label, text };
}

function updateValue(part, value) {
  const [label, text] = figure(value);
  setText(part.label, label);
  setText(part.text, text);
}

function troublesOf(stage) {
  return [
    { word: stage.errors === 1 ? "error" : "errors", n: stage.errors },
    { word: stage.retries === 1 ? "retry" : "retries", n: stage.retries },
    { word: "dropped", n: stage.drops },
  ].filter(({ n }) => n > 0);
}

function makeTrouble() {
  const element = h("li");
  return { element };
}

function updateTrouble(trouble, { word, n }) {
  setText(trouble.element, `${count(n)} ${word}`);
}
