// The reader's half of KernelExplorer: filters the picture in the page, with or without a kernel behind it.

const SIZE = 3;
const DISPLAYS = [
  ["auto", "Automatic: signed if the sum is 0"],
  ["unit", "Gray, 0 to 1"],
  ["stretch", "Gray, smallest to largest"],
  ["signed", "Signed, orange to blue"],
];
// The colours of lecturelib.plots: the ends differ in hue and the middle is white, which keeps sign and size apart for
// all readers.
const NEGATIVE = [213, 94, 0];
const POSITIVE = [0, 114, 178];
const WHITE = [255, 255, 255];
const SUM_IS_ZERO = 1e-9; // entries such as 1/9 do not add up exactly

// ---------------------------------------------------------------- numbers

/** Decode the picture; `pixels` arrives as a DataView over one byte a pixel. */
function readPicture({ height, width, pixels }) {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return { height, width, values: Float64Array.from(bytes, (byte) => byte / 255) };
}

/** A pixel's value; outside the picture it is 0, which is what zero padding means. */
function valueAt({ height, width, values }, row, column) {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return inside ? values[row * width + column] : 0;
}

/** The nine terms of the sum at one position, row by row; the kernel is not flipped. */
function termsAt(picture, kernel, row, column) {
  return kernel.flatMap((weights, q) =>
    weights.map((weight, r) => ({ weight, pixel: valueAt(picture, row + q - 1, column + r - 1) })),
  );
}

function sumOf(terms) {
  return terms.reduce((sum, { weight, pixel }) => sum + weight * pixel, 0);
}

function filter(picture, kernel) {
  const values = new Float64Array(picture.values.length);
  for (let row = 0; row < picture.height; row++) {
    for (let column = 0; column < picture.width; column++) {
      values[row * picture.width + column] = sumOf(termsAt(picture, kernel, row, column));
    }
  }
  return { height: picture.height, width: picture.width, values };
}

function kernelSum(kernel) {
  return kernel.flat().reduce((sum, weight) => sum + weight, 0);
}

const sameKernel = (a, b) => a.flat().every((weight, i) => weight === b.flat()[i]);

/** At most three decimals and a true minus sign. */
function show(number) {
  const rounded = Math.round(number * 1000) / 1000;
  return String(rounded === 0 ? 0 : rounded).replace("-", "−");
}

// ---------------------------------------------------------------- colours

/** The result less its rim: there the zeros around the picture make edges stronger than any in it. */
function withoutRim({ height, width, values }) {
  const onRim = (row, column) => row % (height - 1) === 0 || column % (width - 1) === 0;
  const inner = values.filter((_, i) => !onRim(Math.floor(i / width), i % width));
  return inner.length ? inner : values;
}

/** The size from which on a signed value has its full colour: a few extreme pixels would leave the rest nearly white. */
function fullColour(values) {
  const sizes = values.map(Math.abs).sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] || sizes.at(-1);
}

/** The display in force and the values at the two ends of its legend. */
function scaleFor(choice, kernel, result) {
  const edgeKernel = Math.abs(kernelSum(kernel)) < SUM_IS_ZERO;
  const display = choice === "auto" ? (edgeKernel ? "signed" : "unit") : choice;
  if (display === "unit") return { display, low: 0, high: 1 };
  const values = withoutRim(result);
  if (display === "signed") {
    const reach = fullColour(values);
    return { display, low: -reach, high: reach };
  }
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { display, low, high };
}

const mix = (from, to, part) => from.map((value, i) => value + (to[i] - value) * part);

function colour(value, { display, low, high }) {
  if (display === "signed") {
    const part = high === 0 ? 0 : value / high;
    return mix(WHITE, part < 0 ? NEGATIVE : POSITIVE, Math.min(1, Math.abs(part)));
  }
  const part = high === low ? 0 : (value - low) / (high - low);
  return mix([0, 0, 0], WHITE, Math.min(1, Math.max(0, part)));
}

function paint(canvas, { height, width, values }, scale) {
  canvas.height = height;
  canvas.width = width;
  const image = new ImageData(width, height);
  values.forEach((value, i) => image.data.set([...colour(value, scale), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// ---------------------------------------------------------------- elements

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function numberInput(q, r) {
  const label = `Kernel entry [${q}, ${r}]`;
  // "any": presets hold values such as 1/9, which no fixed step reaches.
  return element("input", { type: "number", step: "any", "aria-label": label });
}

function menu(label, entries) {
  const select = element("select");
  for (const [value, text] of entries) select.append(element("option", { value }, text));
  return [element("label", {}, element("span", {}, label), select), select];
}

function picturePane(title, attributes) {
  const canvas = element("canvas", { role: "img", "aria-label": title });
  const window_ = element("div", { class: "window", "aria-hidden": "true" });
  const frame = element("div", { class: "frame", ...attributes }, canvas, window_);
  return { pane: element("div", { class: "pane" }, element("p", {}, title), frame), canvas, frame, window: window_ };
}

function buildElements(presetNames) {
  const inputs = Array.from({ length: SIZE }, (_, q) => Array.from({ length: SIZE }, (_, r) => numberInput(q, r)));
  const [presetLabel, preset] = menu("Kernel", [...presetNames, "Your own"].map((name) => [name, name]));
  const [displayLabel, display] = menu("Colours", DISPLAYS);
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
  return { inputs, presetLabel, preset, displayLabel, display, grid, sum, problem, input, output, legendBar, legendText,
    table: element("table", {}, caption, element("tbody", {}, ...rows)), cells, total };
}

function arrange(parts) {
  const controls = element("div", { class: "pane" }, parts.presetLabel, parts.grid, parts.sum, parts.problem, parts.displayLabel);
  const hint = element("p", { class: "hint" }, "Point at the picture, or select it and use the arrow keys, to move the window.");
  const products = element("div", { class: "pane" }, parts.table, parts.total);
  return element("div", { class: "kernel-explorer", role: "group", "aria-label": "Kernel explorer" },
    controls, products, parts.input.pane, parts.output.pane, hint);
}

// ---------------------------------------------------------------- drawing the state

function drawKernel({ inputs, sum, preset }, kernel, presets) {
  inputs.flat().forEach((input, i) => {
    const weight = kernel.flat()[i];
    // Rewriting the text under the reader's fingers would move the cursor and turn "1." into "1".
    if (input.valueAsNumber !== weight) input.value = String(Math.round(weight * 1e6) / 1e6);
    input.removeAttribute("aria-invalid");
  });
  const known = [...presets].find(([_, weights]) => sameKernel(weights, kernel));
  preset.value = known?.[0] ?? "Your own";
  sum.textContent = `Sum of the entries: ${show(kernelSum(kernel))}`;
}

function drawLegend({ legendBar, legendText }, scale) {
  const steps = Array.from({ length: legendBar.width }, (_, i) => scale.low + ((scale.high - scale.low) * i) / 100);
  paint(legendBar, { height: 1, width: legendBar.width, values: steps }, scale);
  const [low, high] = [show(scale.low), show(scale.high)];
  const ends = scale.display === "signed" ? [`≤ ${low}`, "0", `≥ ${high}`] : [low, high];
  legendText.replaceChildren(...ends.map((text) => element("span", {}, text)));
}

function placeWindow(window_, { height, width }, { row, column }, reach) {
  Object.assign(window_.style, {
    left: `${(100 * (column - reach)) / width}%`,
    top: `${(100 * (row - reach)) / height}%`,
    width: `${(100 * (2 * reach + 1)) / width}%`,
    height: `${(100 * (2 * reach + 1)) / height}%`,
  });
}

function drawWindow(parts, picture, kernel, position) {
  placeWindow(parts.input.window, picture, position, 1);
  placeWindow(parts.output.window, picture, position, 0);
  const terms = termsAt(picture, kernel, position.row, position.column);
  terms.forEach(({ weight, pixel }, i) => {
    parts.cells[i].textContent = `${show(weight)} × ${show(pixel)}`;
  });
  parts.total.textContent = `At [${position.row}, ${position.column}] the nine products add up to ${show(sumOf(terms))}`;
}

// ---------------------------------------------------------------- the reader's actions

/** The kernel typed in, or null where an entry is not a number. */
function readKernel({ inputs, problem }) {
  const bad = inputs.flat().filter((input) => !Number.isFinite(input.valueAsNumber));
  for (const input of inputs.flat()) input.toggleAttribute("aria-invalid", false);
  for (const input of bad) input.setAttribute("aria-invalid", "true");
  problem.textContent = bad.length ? "Every entry needs a number; the last full kernel stays in use." : "";
  return bad.length ? null : inputs.map((row) => row.map((input) => input.valueAsNumber));
}

function moved({ row, column }, event) {
  const step = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case "ArrowUp": return { row: row - step, column };
    case "ArrowDown": return { row: row + step, column };
    case "ArrowLeft": return { row, column: column - step };
    case "ArrowRight": return { row, column: column + step };
    default: return null;
  }
}

function pointedAt(frame, { height, width }, event) {
  const box = frame.getBoundingClientRect();
  return {
    row: Math.floor(((event.clientY - box.top) / box.height) * height),
    column: Math.floor(((event.clientX - box.left) / box.width) * width),
  };
}

function inside({ height, width }, { row, column }) {
  const clamp = (value, size) => Math.min(size - 1, Math.max(0, value));
  return { row: clamp(row, height), column: clamp(column, width) };
}

function render({ model, el }) {
  const presets = new Map(model.get("_presets"));
  const parts = buildElements([...presets.keys()]);
  const root = arrange(parts);
  let picture, position;

  const moveWindow = (to) => {
    position = inside(picture, to);
    drawWindow(parts, picture, model.get("kernel"), position);
  };
  const drawResult = () => {
    const kernel = model.get("kernel");
    root.filtered = filter(picture, kernel);
    const scale = scaleFor(parts.display.value, kernel, root.filtered);
    paint(parts.output.canvas, root.filtered, scale);
    drawLegend(parts, scale);
    drawKernel(parts, kernel, presets);
    moveWindow(position);
  };
  const drawPicture = () => {
    picture = readPicture(model.get("picture"));
    position = { row: Math.floor(picture.height / 2), column: Math.floor(picture.width / 2) };
    paint(parts.input.canvas, picture, { display: "unit", low: 0, high: 1 });
    drawResult();
  };
  const setKernel = (kernel) => {
    model.set("kernel", kernel);
    model.save_changes();
  };

  parts.grid.addEventListener("input", () => {
    const kernel = readKernel(parts);
    if (kernel) setKernel(kernel);
  });
  parts.preset.addEventListener("change", () => {
    parts.problem.textContent = "";
    if (presets.has(parts.preset.value)) setKernel(presets.get(parts.preset.value));
  });
  parts.display.addEventListener("change", drawResult);
  for (const { frame } of [parts.input, parts.output]) {
    frame.addEventListener("pointermove", (event) => moveWindow(pointedAt(frame, picture, event)));
    frame.addEventListener("pointerdown", (event) => moveWindow(pointedAt(frame, picture, event)));
  }
  parts.input.frame.addEventListener("keydown", (event) => {
    const to = moved(position, event);
    if (!to) return;
    event.preventDefault(); // the arrows would scroll the page too
    // In JupyterLab the same arrows would leave for the next cell.
    event.stopPropagation();
    moveWindow(to);
  });

  model.on("change:kernel", drawResult);
  model.on("change:picture", drawPicture);
  drawPicture();
  el.append(root);
  return () => {
    model.off("change:kernel", drawResult);
    model.off("change:picture", drawPicture);
  };
}

export default { render };
