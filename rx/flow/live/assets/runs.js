// The lists of runs.

import { h, keyed, setAttribute, setText } from "./dom.js";
import { clock, duration, percent, rate, stageName } from "./format.js";
import { drawSparkline, sparkline } from "./history.js";
import { icon, states } from "./icons.js";
import { paceOf } from "./run.js";

// listRuns shows runs in a list, of which one may be selected.
export function listRuns(list, runs, selected, history) {
  keyed(list, runs, (run) => `${run.id}/${run.state}`, makeEntry, (entry, run) => {
    setAttribute(entry.link, "aria-current", run.id === selected ? "true" : null);
    setText(entry.name, run.name);
    setText(entry.time, duration(run.seconds));
    if (run.state === "running") {
      setText(entry.rate, rate(paceOf(run)));
      setText(entry.where, run.bottleneck?.kind ? `${percent(run.bottleneck.share)} ${stageName(run.bottleneck)}` : "");
      entry.mark.classList.toggle("unseen", !run.bottleneck?.kind);
      drawSparkline(entry.spark, history.of(`${run.id}`));
    } else {
      setText(entry.about, `${clock(run.end)} · ${(run.state === "failed" && run.error) || (states[run.state] ?? run.state)}`);
      setAttribute(entry.about, "title", run.error ?? null);
    }
  });
}

function makeEntry(run) {
  const entry = { name: h("span", { class: "name" }), time: h("span", { class: "time" }), about: h("span", { class: "about" }) };
  if (run.state === "running") {
    entry.spark = sparkline();
    entry.rate = h("span");
    entry.mark = icon("bottleneck");
    entry.where = h("span", { class: "where" });
    entry.about.append(entry.rate, entry.mark, h("span", { class: "unseen" }, "bottleneck:"), entry.where);
  }
  const state = h("span", { class: "state", "data-state": run.state }, icon(run.state), h("span", { class: "unseen" }, states[run.state] ?? run.state));
  entry.link = h("a", { href: `#run-${run.id}` }, state, entry.name, entry.time, entry.about, entry.spark?.element);
  entry.element = h("li", {}, entry.link);
  return entry;
}
