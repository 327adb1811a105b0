// What the page shows, and which run of it.

import { Connection } from "./connection.js";
import { clock, count, sentence } from "./format.js";
import { setAttribute, setText } from "./dom.js";
import { History } from "./history.js";
import { RunView, paceOf } from "./run.js";
import { listRuns } from "./runs.js";
import { Table } from "./table.js";

const at = (id) => document.getElementById(id);
const history = new History();
const view = new RunView();
const totals = new Table(at("totals"), ["<Pipeline", "Running", "Completed", "Failed", "Canceled", "Left early", "Read", "Into sinks", "Errors", "Retries", "Dropped"], (total) => total.name);

let frame = null; // what came last
let followed = null; // the ID of the run that is shown, if none was selected
let said = { run: null, stage: null, share: 0 }; // what was announced last
const ended = new Map(); // runs that have ended, with their stages, or null while they are fetched

function selected() {
  const id = /^#run-(\d+)$/.exec(location.hash);
  return id ? Number(id[1]) : null;
}

// current gives the run to show: the one that was selected; else the one that was shown, as long as it runs, or nothing
// else does.
function current() {
  const all = [...frame.running, ...frame.ended];
  const chosen = selected();
  let run = all.find((r) => r.id === (chosen ?? followed));
  if (chosen === null && run?.state !== "running" && frame.running.length) run = frame.running[0];
  run ??= chosen === null ? all[0] : undefined;
  if (chosen === null && run) followed = run.id;
  return run ?? ended.get(chosen);
}

// whole gives a run with its stages, once they are there.
function whole(run) {
  if (run.stages) return run;
  if (!ended.has(run.id)) {
    ended.set(run.id, null);
    fetch(`run.json?id=${run.id}`).then((answer) => (answer.ok ? answer.json() : null)).then((got) => {
      if (got?.state === run.state) ended.set(run.id, got);
      else ended.delete(run.id);
      show();
    }).catch(() => ended.delete(run.id));
  }
  return ended.get(run.id) ?? run;
}

function show() {
  if (!frame) return;
  const run = current();
  const nothing = !frame.running.length && !frame.ended.length && !frame.totals.length;
  at("empty").hidden = !nothing;
  at("rooms").hidden = nothing;
  at("skip").hidden = nothing;
  setText(at("running-count"), count(frame.running.length + frame.more));
  setText(at("running-more"), frame.more ? `and ${count(frame.more)} more that began later` : frame.running.length ? "" : "Nothing is running now.");
  setText(at("ended-count"), count(frame.ended.length));
  listRuns(at("running"), frame.running, run?.id, history);
  listRuns(at("ended"), frame.ended, run?.id, history);
  totals.update(frame.totals, (t) => [t.name, ...[t.running, t.completed, t.failed, t.canceled, t.left, t.read, t.written, t.errors, t.retries, t.drops].map(count)]);

  if (run) {
    view.update(whole(run), history);
    if (!view.element.parentNode) at("selected").replaceChildren(view.element);
    announce(run);
  } else {
    at("selected").textContent = selected() === null ? "" : "The monitor does not have this run any more.";
  }
  document.title = run ? `${run.name}${run.bottleneck?.kind ? ` – ${sentence(run.bottleneck)}` : ""}` : "rxcql flow";
}

// announce tells those who listen to the page where the bottleneck is, when that has changed.
function announce(run) {
  const { stage, share, kind } = run.bottleneck ?? {};
  if (!kind || (said.run === run.id && said.stage === stage && Math.abs(said.share - share) < 0.1)) return;
  said = { run: run.id, stage, share };
  setText(at("announcement"), `${run.name}: ${sentence(run.bottleneck)}`);
}

function take(next) {
  frame = next;
  for (const run of next.ended) if (run.stages) ended.set(run.id, run);
  for (const id of ended.keys()) if (ended.size > 100 && id !== selected()) ended.delete(id);
  history.add(next.running.flatMap((run) => [[`${run.id}`, paceOf(run)], ...run.stages.map((stage) => [`${run.id}/${stage.id}`, stage.items_per_second])]));
  show();
}

// tell says whether what is shown is of now.
function tell(state) {
  const since = frame ? ` What you see is of ${clock(frame.at)}.` : "";
  const [word, banner] = {
    live: ["Live", ""],
    paused: ["Paused", ""],
    lost: ["Connection lost", `The program cannot be reached. Trying again every few seconds.${since}`],
    gone: ["Ended", `The program has closed this page.${since} If it starts again on this address, the page goes on by itself.`],
    full: ["Waiting", "As many look at this page as can at a time. Trying again every few seconds."],
  }[state];
  setAttribute(at("status"), "data-state", state);
  setText(at("status-text"), word);
  at("banner").hidden = !banner;
  setText(at("banner"), banner);
  document.body.classList.toggle("stale", ["lost", "gone"].includes(state));
}

addEventListener("hashchange", show);
at("skip").addEventListener("click", (event) => { // a run's address stays
  event.preventDefault();
  at("run").focus();
});
at("ended-box").open = matchMedia("(min-width: 900px)").matches;
const connection = new Connection({ show: take, tell });
at("pause").addEventListener("click", () => {
  const paused = at("pause").getAttribute("aria-pressed") !== "true";
  setAttribute(at("pause"), "aria-pressed", paused);
  connection.pause(paused);
});
