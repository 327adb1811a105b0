// Numbers for people, with their units.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

export function count(n) {
  if (n < 1e7) return Number.isInteger(n) ? whole.format(n) : short.format(n);
  return n < 1e9 ? `${short.format(n / 1e6)} M` : `${short.format(n / 1e9)} G`;
}

export function rate(n) {
  if (n > 0 && n < 9.95) return `${tenth.format(n)}/s`;
  if (n < 1e5) return `${whole.format(n)}/s`;
  return n < 1e6 ? `${short.format(n / 1e3)} k/s` : `${short.format(n / 1e6)} M/s`;
}

export function percent(share) {
  return share > 0 && share < 0.005 ? "<1%" : `${Math.round(100 * share)}%`;
}

export function duration(seconds) {
  if (seconds < 1e-3) return `${short.format(seconds * 1e6)} µs`;
  if (seconds < 1) return `${short.format(seconds * 1e3)} ms`;
  if (seconds < 60) return `${tenth.format(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${whole.format(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export function bytes(n) {
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (n < 1024) return `${short.format(n)} ${unit}`;
    n /= 1024;
  }
  return `${short.format(n)} TiB`;
}

// clock is the time of day, in the browser's time zone.
export function clock(time) {
  return new Date(time).toLocaleTimeString("en-GB");
}

// figure gives the label and the text of a value that a stage has of its own; the unit is at the end of its name.
export function figure({ name, value }) {
  const words = name.split("_");
  const unit = words.at(-1);
  const label = (text) => (words.slice(0, -1).join(" ") || text);
  if (unit === "seconds") return [label("time"), duration(value)];
  if (unit === "bytes") return [words.slice(0, -1).join(" ") || "bytes", bytes(value)];
  if (unit === "ratio" || unit === "share") return [label(unit), percent(value)];
  return [words.join(" "), count(value)];
}

// sentence says where the bottleneck is, as flow.Bottleneck does.
export function sentence(bottleneck) {
  if (!bottleneck?.kind) return "";
  const waiting = bottleneck.requests >= 0.005 ? `, ${percent(bottleneck.requests)} waiting for requests` : "";
  return `the ${stageName(bottleneck)}: ${percent(bottleneck.share)} of the time${waiting}`;
}

export function stageName({ kind, name }) {
  return kind === name ? kind : `${kind} ${name}`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
