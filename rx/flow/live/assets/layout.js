// A small layered layout, after Sugiyama: what is fed is to the right of what feeds it, and few edges cross.

// layers puts the stages into columns, sources first, and gives the columns with the stages' positions in them in an order
// in which few edges cross. An edge that passes columns has a place in each, an object that is no stage. Edges to stages
// that there are not, and those that close a circle, are left out.
export function layers(stages, edges) {
  const nodes = new Map(stages.map((stage) => [stage.id, { id: stage.id, next: [], before: [] }]));
  for (const { from, to } of edges) {
    if (from !== to && nodes.has(from) && nodes.has(to)) nodes.get(from).next.push(nodes.get(to));
  }
  openCircles(nodes.values());
  for (const node of nodes.values()) for (const next of node.next) next.before.push(node);
  rank([...nodes.values()]);

  const columns = [];
  const place = (node, column) => {
    node.column = column;
    (columns[column] ??= []).push(node);
  };
  for (const node of nodes.values()) place(node, node.rank);
  const paths = [];
  for (const node of nodes.values()) {
    for (const to of node.next) {
      const path = [node];
      for (let column = node.rank + 1; column < to.rank; column++) {
        const bend = { id: null, before: [path.at(-1)], next: [] };
        place(bend, column);
        path.push(bend);
      }
      path.push(to);
      paths.push(path);
    }
  }
  order(columns, paths);
  return { columns, paths };
}

// openCircles takes out the edges that lead back to where a walk has come from. There are none in the graph of a stream.
function openCircles(nodes) {
  const state = new Map();
  const walk = (node) => {
    state.set(node, "walking");
    node.next = node.next.filter((next) => {
      if (state.get(next) === "walking") return false;
      if (!state.has(next)) walk(next);
      return true;
    });
    state.set(node, "done");
  };
  for (const node of nodes) if (!state.has(node)) walk(node);
}

// rank gives every node the length of the longest way to it, and then has sources stand right before what they feed.
function rank(nodes) {
  const waiting = new Map(nodes.map((node) => [node, node.before.length]));
  const ready = nodes.filter((node) => node.before.length === 0);
  for (const node of ready) {
    node.rank ??= 0;
    for (const next of node.next) {
      next.rank = Math.max(next.rank ?? 0, node.rank + 1);
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) ready.push(next);
    }
  }
  for (const node of nodes) {
    if (node.before.length === 0 && node.next.length > 0) node.rank = Math.min(...node.next.map((next) => next.rank)) - 1;
  }
}

// order sorts every column by where the neighbours are, there and back a few times.
function order(columns, paths) {
  const left = new Map(), right = new Map();
  const add = (map, a, b) => (map.get(a) ?? map.set(a, []).get(a)).push(b);
  for (const path of paths) {
    for (let i = 1; i < path.length; i++) {
      add(left, path[i], path[i - 1]);
      add(right, path[i - 1], path[i]);
    }
  }
  const number = () => columns.forEach((column) => column.forEach((node, i) => { node.row = i - (column.length - 1) / 2; }));
  const sort = (column, neighbours) => {
    const aim = new Map(column.map((node) => {
      const rows = (neighbours.get(node) ?? [node]).map((n) => n.row);
      return [node, rows.reduce((a, b) => a + b, 0) / rows.length];
    }));
    column.sort((a, b) => aim.get(a) - aim.get(b));
    number();
  };
  number();
  for (let round = 0; round < 4; round++) {
    for (const column of columns) sort(column, left);
    for (const column of columns.toReversed()) sort(column, right);
  }
}
