// What the panel consists of.

const canvasOf = (width, height, attributes = {}) => element("canvas", { width, height, ...attributes });

const MOVES = [
  ["left", "←", [-1, 0]],
  ["up", "↑", [0, -1]],
  ["down", "↓", [0, 1]],
  ["right", "→", [1, 0]],
];

const BOARD_HELP =
  "Drawing board. Arrow keys move the pen, with Shift by five. Space or Enter puts it down, or lifts it. " +
  "Delete clears the board.";

function buildBoard() {
  const canvas = canvasOf(10 * SIDE, 10 * SIDE, { role: "img", "aria-label": "What is on the board" });
  const pen = element("div", { class: "pen marker", "aria-hidden": "true" });
  const frame = element("div", { class: "frame", tabindex: "0", role: "application", "aria-label": BOARD_HELP }, canvas, pen);
  const clear = element("button", { type: "button", class: "clear" }, "Clear");
  const moves = MOVES.map(([name, arrow]) => element("button", { type: "button", "aria-label": `Move ${name}` }, arrow));
  const prepared = element("input", { type: "checkbox", checked: "" });
  const penState = element("p", { class: "pen-state", "aria-live": "polite" });
  return { canvas, pen, frame, clear, moves, prepared, penState };
}

function arrangeBoard({ frame, clear, moves, prepared, penState }) {
  const tools = element("div", { class: "tools" }, clear, element("div", { role: "group", "aria-label": "Move the drawing" }, ...moves));
  const text = element("span", {}, "Fit the drawing to the training digits: size, thickness, upright, in the middle");
  return element("div", { class: "pane" }, element("p", {}, "Draw a digit here"), frame, tools,
    element("label", {}, prepared, text), penState);
}

function buildBars(digits) {
  const rows = Array.from({ length: digits }, (_, digit) => {
    const bar = element("div", { class: "bar" });
    const number = element("td", { class: "number" });
    const cells = [element("th", { scope: "row" }, String(digit)), element("td", { class: "track", "aria-hidden": "true" }, bar), number];
    return { row: element("tr", {}, ...cells), bar, number };
  });
  const table = element("table", {}, element("caption", {}, "Probability of each digit"), element("tbody", {}, ...rows.map(({ row }) => row)));
  return { rows, table, answer: element("p", { class: "answer", "aria-live": "polite" }) };
}

function buildExamples(images) {
  return images.map((image, n) => {
    const canvas = canvasOf(SIDE, SIDE, { "aria-hidden": "true" });
    paint(canvas, image, GRAY);
    return element("button", { type: "button", "aria-label": `Example ${n + 1}` }, canvas);
  });
}

/** Full rows of at most 40 where the count allows for them. */
function columnsFor(count) {
  const most = Math.min(count, 40);
  const columns = Array.from({ length: most }, (_, i) => most - i).find((n) => count % n === 0);
  return columns > most / 4 ? columns : most;
}

/** Maps as pictures of their own, which flow into lines; numbers without a place as one picture. */
function pictureSizes(shape) {
  if (shape.length === 3) {
    const [count, height, width] = shape;
    return { count, height, width, zoom: Math.max(2, Math.round(40 / width)) };
  }
  const width = columnsFor(sizeOf(shape));
  return { count: 1, height: Math.ceil(sizeOf(shape) / width), width, zoom: 6 };
}

const inWords = (shape) => (shape.length === 1 ? `${shape[0]} numbers` : shape.join("×"));

function buildStage(name, { shape }, signed) {
  const { count, height, width, zoom } = pictureSizes(shape);
  const style = `width: ${zoom * width}px`;
  const canvases = Array.from({ length: count }, () => canvasOf(width, height, { "aria-hidden": "true", style }));
  const title = `${name}, ${inWords(shape)}`;
  const scale = element("span", { class: "scale" });
  const maps = element("div", { class: "maps", role: "img", "aria-label": `Maps of ${title}` }, ...canvases);
  return { signed, canvases, scale, row: element("li", {}, element("p", {}, element("b", {}, title), " ", scale), maps) };
}

function buildElements(network, activations, examples) {
  const board = buildBoard();
  const bars = buildBars(activations.at(-1).values.length);
  const buttons = buildExamples(examples);
  const first = buildStage("What the network gets", { shape: [1, SIDE, SIDE] }, false);
  const layers = network.map(({ kind, signed }, i) => buildStage(`${i}: ${kind}`, activations[i], signed));
  return { board, bars, buttons, stages: [first, ...layers] };
}

function arrange({ board, bars, buttons, stages }) {
  const examples = element("div", { class: "examples", role: "group", "aria-label": "Examples" }, ...buttons);
  const results = element("div", { class: "pane" }, bars.answer, bars.table);
  if (buttons.length) results.append(element("p", { class: "offer" }, "Or put one of these on the board"), examples);
  const hint = element("p", { class: "hint" },
    "Draw with the mouse, a pen or a finger. Or select the board: arrow keys move the pen (with Shift by five), Space or " +
    "Enter puts it down or lifts it, Delete clears.");
  const maps = element("ol", { class: "stages" }, ...stages.map(({ row }) => row));
  // JupyterLab would take Enter and the arrows for its own.
  return panel("digit-reader", "Digit reader", { "data-lm-suppress-shortcuts": "true" },
    arrangeBoard(board), results, hint, maps);
}
