/** Elements by hand. Text is always text, never markup; styles are classes, so that the page needs no inline style. */

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** Set a text only when it differs: what has not changed is not drawn again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const LONG = 4;

/** Set a number's text; one of many characters is marked, so that it can be written smaller. */
export function sayNumber(element, text) {
  say(element, text);
  element.classList.toggle("long", text.length > LONG);
}

/** Set or remove an attribute, only when it differs. */
export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** A wait of `ms` that can be cut short by `wake`. */
export function pause(ms) {
  return new Promise((wake) => setTimeout(wake, ms));
}
