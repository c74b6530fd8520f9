// Elements of a panel.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const labelled = (text, control) => element("label", {}, element("span", {}, text), control);

/** What can be chosen: a value each, and the text that says so. */
const menu = (entries) => element("select", {}, ...entries.map(([value, text]) => element("option", { value }, text)));

/** Names that stand for themselves. */
const menuOf = (names) => menu(names.map((name) => [name, name]));

/** A panel of its own class, which screen readers find by its name. */
const panel = (kind, name, attributes, ...children) =>
  element("div", { class: `widget-panel ${kind}`, role: "group", "aria-label": name, ...attributes }, ...children);
