// Tables of figures.

import { h, keyed, setText } from "./dom.js";

// Table shows rows of texts below the given heads. Columns whose names begin with < are of words, others of numbers.
export class Table {
  #body = h("tbody");
  #columns;

  constructor(element, heads, key) {
    this.element = element;
    this.#columns = heads.map((head) => (head.startsWith("<") ? "word" : "number"));
    this.key = key;
    element.append(h("thead", {}, h("tr", {}, ...heads.map((head, i) => h("th", { scope: "col", class: this.#columns[i] }, head.replace("<", ""))))), this.#body);
  }

  // update shows the rows, each an array of texts that are in the order of the columns.
  update(items, texts) {
    keyed(this.#body, items, this.key, () => this.#row(), (row, item) => {
      texts(item).forEach((text, i) => setText(row.cells[i], text));
    });
  }

  #row() {
    const cells = this.#columns.map((kind, i) => (i === 0 ? h("th", { scope: "row", class: kind }) : h("td", { class: kind })));
    return { element: h("tr", {}, ...cells), cells };
  }
}
