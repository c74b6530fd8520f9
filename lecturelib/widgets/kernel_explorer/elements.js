// What the panel consists of.

const SIZE = 3;
const DISPLAYS = [
  ["auto", "Automatic: signed if the sum is 0"],
  ["unit", "Gray, 0 to 1"],
  ["stretch", "Gray, smallest to largest"],
  ["signed", "Signed, orange to blue"],
];

function numberInput(q, r) {
  const label = `Kernel entry [${q}, ${r}]`;
  // "any": presets hold values such as 1/9, which no fixed step reaches.
  return element("input", { type: "number", step: "any", "aria-label": label });
}

function picturePane(title, attributes) {
  const canvas = element("canvas", { role: "img", "aria-label": title });
  const window_ = element("div", { class: "window marker", "aria-hidden": "true" });
  const frame = element("div", { class: "frame", ...attributes }, canvas, window_);
  return { pane: element("div", { class: "pane" }, element("p", {}, title), frame), canvas, frame, window: window_ };
}

function buildElements(presetNames) {
  const inputs = Array.from({ length: SIZE }, (_, q) => Array.from({ length: SIZE }, (_, r) => numberInput(q, r)));
  const preset = menuOf([...presetNames, "Your own"]);
  const display = menu(DISPLAYS);
  const grid = element("div", { class: "grid", role: "group", "aria-label": "Kernel entries" }, ...inputs.flat());
  const sum = element("p", { class: "sum" });
  const problem = element("p", { class: "problem", role: "alert" });
  const input = picturePane("Picture", {
    tabindex: "0",
    role: "application",
    "aria-label": "Position of the window. Arrow keys move it by a pixel, with Shift by ten.",
  });
  const output = picturePane("Filtered", {});
  const legendBar = element("canvas", { height: "1", width: "101", "aria-hidden": "true" });
  const legendText = element("p", { class: "ends" });
  const legend = element("div", { class: "legend" }, legendBar, legendText);
  output.pane.append(legend);
  const cells = inputs.flat().map(() => element("td"));
  const rows = [0, 1, 2].map((q) => element("tr", {}, ...cells.slice(SIZE * q, SIZE * (q + 1))));
  const caption = element("caption", {}, "Entry × pixel under the window");
  const total = element("p", { class: "total", "aria-live": "polite" });
  return { inputs, preset, display, grid, sum, problem, input, output, legendBar, legendText,
    table: element("table", {}, caption, element("tbody", {}, ...rows)), cells, total };
}

function arrange(parts) {
  const controls = element("div", { class: "pane" },
    labelled("Kernel", parts.preset), parts.grid, parts.sum, parts.problem, labelled("Colours", parts.display));
  const hint = element("p", { class: "hint" }, "Point at the picture, or select it and use the arrow keys, to move the window.");
  const products = element("div", { class: "pane" }, parts.table, parts.total);
  return panel("kernel-explorer", "Kernel explorer", {},
    controls, products, parts.input.pane, parts.output.pane, hint);
}
