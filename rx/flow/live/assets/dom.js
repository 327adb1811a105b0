// Building and updating elements. Whatever comes from the program is put in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

// h makes an element of HTML: attributes, and then children, which are nodes or texts.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// s makes an element of SVG.
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
}

// setText changes the text of an element, if it is another one.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// setAttribute changes an attribute, if it is another one; null takes it away.
export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// keyed has the container's children be those of the items, in their order. An item's element is made once, and stays the
// same as long as its key is there, so that it keeps the focus.
export function keyed(container, items, key, make, update) {
  const old = container.parts ?? new Map();
  const parts = new Map();
  for (const item of items) {
    const k = key(item);
    const part = old.get(k) ?? make(item);
    parts.set(k, part);
    update(part, item);
  }
  for (const [k, part] of old) if (parts.get(k) !== part) part.element.remove();
  let at = container.firstElementChild;
  for (const part of parts.values()) {
    if (part.element === at) at = at.nextElementSibling;
    else container.insertBefore(part.element, at);
  }
  container.parts = parts;
}
