// The reader's half of DigitReader: a board to draw on, and a network that reads it in the page, with or without a
// kernel behind it.

const SIDE = 28; // of what the network gets, and of the board in its own units
const PIXEL = 0.75; // of the bitmaps, in units of the board: three pixels of the image are four of these
const PEN = 1.65; // radius on the board: as thick there as most strokes of the training digits

// What the 1,797 digits of load_digits have in common, measured on them: ink from the first row of 32 to the last and
// about 20 columns wide, half of them with more than 313 pixels of ink and half with less, and leftmost pixels of the
// first and the last row that stand one above the other.
const BITMAP = 32;
const BOX = { width: 20, height: 32 };
const INK = 313;
const MAX_RADIUS = 5.5; // a 1 is the thickest digit
// A dot would fill the box, and the wobble of a straight line its width, without a limit.
const ENLARGE = 8;
const STRETCH = 3;

// The colours of lecturelib.plots, white at 0.
const NEGATIVE = [213, 94, 0];
const POSITIVE = [0, 114, 178];
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

// ---------------------------------------------------------------- arrays

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** Decode `{shape, values}` as Python sends it; copied, since a view's bytes need not begin where floats may. */
function readArray({ shape, values }) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { shape, values: new Float32Array(bytes.slice().buffer) };
}

/** The images of an array (N, H, W), each as its values. */
function unstack({ shape: [count, height, width], values }) {
  const size = height * width;
  return Array.from({ length: count }, (_, n) => values.subarray(n * size, (n + 1) * size));
}

const largest = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const sameValues = (a, b) => a.every((value, i) => value === b[i]);

// ---------------------------------------------------------------- the layers, by the names of lecturelib.layers

/** Surround every map of x (C, H, W). */
function pad({ shape: [C, H, W], values }, [rows, columns], filling) {
  const shape = [C, H + 2 * rows, W + 2 * columns];
  const padded = new Float32Array(sizeOf(shape)).fill(filling);
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < H; i++) {
      const from = (c * H + i) * W;
      padded.set(values.subarray(from, from + W), (c * shape[1] + i + rows) * shape[2] + columns);
    }
  }
  return { shape, values: padded };
}

/** Call `one(channel, top, left)` for every place of the window in every output map, and gather what it returns. */
function slide({ kernel_size: [KH, KW], stride: [SH, SW] }, channels, [, H, W], one) {
  const shape = [channels, Math.floor((H - KH) / SH) + 1, Math.floor((W - KW) / SW) + 1];
  const values = new Float32Array(sizeOf(shape));
  let at = 0;
  for (let f = 0; f < channels; f++) {
    for (let i = 0; i < shape[1]; i++) {
      for (let j = 0; j < shape[2]; j++) values[at++] = one(f, i * SH, j * SW);
    }
  }
  return { shape, values };
}

function convolve(layer, input) {
  const x = pad(input, layer.padding, 0);
  const [C, H, W] = x.shape;
  const [KH, KW] = layer.kernel_size;
  const [w, b] = [layer.weight.values, layer.bias.values];
  return slide(layer, layer.bias.shape[0], x.shape, (f, top, left) => {
    let [sum, weight] = [b[f], f * C * KH * KW];
    for (let c = 0; c < C; c++) {
      for (let q = 0; q < KH; q++) {
        const row = (c * H + top + q) * W + left;
        for (let r = 0; r < KW; r++) sum += w[weight++] * x.values[row + r];
      }
    }
    return sum;
  });
}

/** Pooling of one kind: `add` takes the pixels of a window one by one, `finish` the outcome and their number. */
function pool(layer, input, filling, add, finish) {
  const x = pad(input, layer.padding, filling);
  const [C, H, W] = x.shape;
  const [KH, KW] = layer.kernel_size;
  return slide(layer, C, x.shape, (c, top, left) => {
    let outcome = filling;
    for (let q = 0; q < KH; q++) {
      const row = (c * H + top + q) * W + left;
      for (let r = 0; r < KW; r++) outcome = add(outcome, x.values[row + r]);
    }
    return finish(outcome, KH * KW);
  });
}

/** The last axis alone is summed over, as in lecturelib; the others stay. */
function weigh({ weight, bias }, x) {
  const [F, D] = weight.shape;
  const rows = x.values.length / D;
  const values = new Float32Array(rows * F);
  for (let n = 0; n < rows; n++) {
    for (let f = 0; f < F; f++) {
      let sum = bias.values[f];
      for (let d = 0; d < D; d++) sum += weight.values[f * D + d] * x.values[n * D + d];
      values[n * F + f] = sum;
    }
  }
  return { shape: [...x.shape.slice(0, -1), F], values };
}

const each = (f) => (_, { shape, values }) => ({ shape, values: values.map(f) });

const LAYERS = {
  Conv2d: convolve,
  Linear: weigh,
  MaxPool2d: (layer, x) => pool(layer, x, -Infinity, Math.max, (most) => most),
  AvgPool2d: (layer, x) => pool(layer, x, 0, (sum, pixel) => sum + pixel, (sum, count) => sum / count),
  Flatten: (_, { values }) => ({ shape: [values.length], values }),
  ReLU: each((a) => Math.max(a, 0)),
  Sigmoid: each((a) => 1 / (1 + Math.exp(-a))),
  Tanh: each(Math.tanh),
};

/** Whether values below 0 can come out, by kind: where there are none now, the colours still must not change. */
const SIGN = { Conv2d: true, Linear: true, Tanh: true, ReLU: false, Sigmoid: false };

/** The layers with what is known before any image comes: numbers decoded, and whether the outcome is signed. */
function readNetwork(descriptions) {
  let signed = false; // ink is not
  return descriptions.map((layer) => {
    signed = SIGN[layer.kind] ?? signed;
    const learned = layer.weight && { weight: readArray(layer.weight), bias: readArray(layer.bias) };
    return { ...layer, ...learned, signed };
  });
}

function forward(network, image) {
  let x = { shape: [1, SIDE, SIDE], values: image };
  return network.map((layer) => (x = LAYERS[layer.kind](layer, x)));
}

/** Less the largest logit, which changes no probability and lets none overflow. */
function softmax(logits) {
  const most = largest(logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// ---------------------------------------------------------------- from strokes to an image

/** Squared distance of (x, y) from a line from a to b. */
function fromLine(x, y, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length ? ((x - a.x) * dx + (y - a.y) * dy) / length : 0;
  const part = Math.min(1, Math.max(0, along));
  return (x - a.x - part * dx) ** 2 + (y - a.y - part * dy) ** 2;
}

/** How far the middle of each pixel of a square bitmap is from the nearest stroke, in pixels, row by row. */
function distances(strokes, size) {
  const lines = strokes.flatMap((stroke) => stroke.map((point, i) => [point, stroke[i + 1] ?? point]));
  return Float64Array.from({ length: size * size }, (_, pixel) => {
    const [x, y] = [(pixel % size) + 0.5, Math.floor(pixel / size) + 0.5];
    return Math.sqrt(lines.reduce((least, [a, b]) => Math.min(least, fromLine(x, y, a, b)), Infinity));
  });
}

const within = (radius) => (distance) => distance <= radius;

function bounds(strokes) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

const mapPoints = (strokes, f) => strokes.map((stroke) => stroke.map(f));

/** Scale strokes so that, with ink of this radius around them, they fill the box in the middle of the bitmap. */
function fitted(strokes, radius) {
  const { left, top, width, height } = bounds(strokes);
  let across = Math.min((BOX.width - 2 * radius) / width, ENLARGE);
  let down = Math.min((BOX.height - 2 * radius) / height, ENLARGE);
  [across, down] = [Math.min(across, STRETCH * down), Math.min(down, STRETCH * across)];
  return mapPoints(strokes, ({ x, y }) => ({
    x: BITMAP / 2 + across * (x - left - width / 2),
    y: BITMAP / 2 + down * (y - top - height / 2),
  }));
}

/** Ink the pixels nearest to the strokes, as many as a training digit has. */
function inked(strokes) {
  let radius = PEN / PIXEL;
  let far;
  // How far the strokes may reach depends on how thick they will be, and the other way round; three rounds settle it.
  for (let round = 0; round < 3; round++) {
    far = distances(fitted(strokes, radius), BITMAP);
    radius = Math.min(far.slice().sort()[INK - 1], MAX_RADIUS);
  }
  return Array.from(far, within(radius));
}

const rowsOf = (bitmap, size) => Array.from({ length: size }, (_, i) => bitmap.slice(i * size, (i + 1) * size));

/** Shift the rows so that the first and the last one begin at the same column, and the whole stands in the middle. */
function upright(bitmap) {
  const rows = rowsOf(bitmap, BITMAP);
  const [first, last] = [rows.findIndex((row) => row.includes(true)), rows.findLastIndex((row) => row.includes(true))];
  const lean = last > first ? (rows[first].indexOf(true) - rows[last].indexOf(true)) / (last - first) : 0;
  const straight = rows.map((row, i) => ({ row, shift: -Math.round(lean * (last - i)) }));
  const filled = straight.filter(({ row }) => row.includes(true));
  const left = Math.min(...filled.map(({ row, shift }) => row.indexOf(true) + shift));
  const right = Math.max(...filled.map(({ row, shift }) => row.lastIndexOf(true) + shift));
  const middle = Math.round((BITMAP - 1 - left - right) / 2);
  return straight.flatMap(({ row, shift }) => row.map((_, j) => row[j - shift - middle] ?? false));
}

/** The share of ink in each block of 4x4 pixels, row by row. */
function countBlocks(bitmap, size) {
  const across = size / 4;
  const blocks = new Float32Array(across * across);
  bitmap.forEach((ink, pixel) => {
    const [row, column] = [Math.floor(pixel / size), pixel % size];
    blocks[Math.floor(row / 4) * across + Math.floor(column / 4)] += ink / 16;
  });
  return blocks;
}

/** The two places in n that an enlarged pixel lies between, and how far it is from the first. */
function between(pixel, n) {
  const place = Math.min(n - 1, Math.max(0, (pixel + 0.5) / 3 - 0.5));
  const low = Math.floor(place);
  return [low, Math.min(low + 1, n - 1), place - low];
}

/** Enlarge n x n blocks three times, with straight lines between them, in the middle of an image. */
function enlarged(blocks) {
  const n = Math.sqrt(blocks.length);
  const border = (SIDE - 3 * n) / 2; // below 0 where the blocks reach beyond the image
  return Float32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / SIDE) - border, (pixel % SIDE) - border];
    if (Math.min(row, column) < 0 || Math.max(row, column) >= 3 * n) return 0;
    const [top, bottom, down] = between(row, n);
    const [left, right, over] = between(column, n);
    const at = (i) => (1 - over) * blocks[i * n + left] + over * blocks[i * n + right];
    return (1 - down) * at(top) + down * at(bottom);
  });
}

/** The image of strokes in the form of the training digits. */
function asTrained(strokes) {
  return enlarged(countBlocks(upright(inked(strokes)), BITMAP));
}

/** The image of strokes where they are and as thick as they are, in the same grays. */
function asDrawn(strokes) {
  const size = BITMAP + 8; // a block more on each side, so that the border of the image has ink too
  const place = (value) => (value + 1) / PIXEL; // the image begins one of its pixels within the outer blocks
  const placed = mapPoints(strokes, ({ x, y }) => ({ x: place(x), y: place(y) }));
  return enlarged(countBlocks(Array.from(distances(placed, size), within(PEN / PIXEL)), size));
}

/** What the network gets. On an example strokes stay where they were drawn, or they would miss it. */
function imageOf({ strokes, base }, prepared) {
  if (!strokes.length) return base;
  if (prepared && !base.some(Boolean)) return asTrained(strokes);
  const drawn = asDrawn(strokes);
  return base.map((ink, i) => Math.max(ink, drawn[i]));
}

const emptyBoard = () => ({ strokes: [], base: new Float32Array(SIDE * SIDE) });

function shifted({ strokes, base }, [dx, dy]) {
  return {
    strokes: mapPoints(strokes, ({ x, y }) => ({ x: x + dx, y: y + dy })),
    base: base.map((_, pixel) => {
      const [row, column] = [Math.floor(pixel / SIDE) - dy, (pixel % SIDE) - dx];
      const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
      return inside ? base[row * SIDE + column] : 0;
    }),
  };
}

// ---------------------------------------------------------------- colours

const mix = (from, to, part) => from.map((value, i) => value + (to[i] - value) * part);

function colour(value, reach, signed) {
  const part = reach ? Math.min(1, Math.abs(value) / reach) : 0;
  if (signed) return mix(WHITE, value < 0 ? NEGATIVE : POSITIVE, part);
  return mix(BLACK, WHITE, part);
}

function paint(canvas, values, reach, signed) {
  const image = new ImageData(canvas.width, canvas.height);
  values.forEach((value, i) => image.data.set([...colour(value, reach, signed), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// ---------------------------------------------------------------- elements

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

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
  const pen = element("div", { class: "pen", "aria-hidden": "true" });
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
    paint(canvas, image, 1, false);
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
  return element("div", { class: "digit-reader", role: "group", "aria-label": "Digit reader", "data-lm-suppress-shortcuts": "true" },
    arrangeBoard(board), results, hint, maps);
}

// ---------------------------------------------------------------- drawing the state

function drawBoard({ canvas }, { strokes, base }) {
  const context = canvas.getContext("2d");
  const unit = canvas.width / SIDE;
  const image = canvasOf(SIDE, SIDE);
  paint(image, base, 1, false);
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  Object.assign(context, { lineWidth: 2 * PEN * unit, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  for (const stroke of strokes) {
    context.beginPath();
    // A line of no length, such as a dot is, would not be drawn at all.
    context.moveTo(stroke[0].x * unit + 0.01, stroke[0].y * unit);
    for (const { x, y } of stroke) context.lineTo(x * unit, y * unit);
    context.stroke();
  }
}

function drawPen({ pen, penState }, { x, y, down }) {
  Object.assign(pen.style, { left: `${(100 * x) / SIDE}%`, top: `${(100 * y) / SIDE}%` });
  pen.classList.toggle("down", down);
  penState.textContent = `Pen ${down ? "down" : "up"} at row ${y}, column ${x}`;
}

/** The end of the scale, in three digits and with a true minus sign. */
const show = (number) => String(Number(number.toPrecision(3))).replace("-", "−");

function drawStage({ canvases, scale, signed }, values) {
  const reach = largest(values.map(Math.abs));
  const size = values.length / canvases.length;
  canvases.forEach((canvas, n) => paint(canvas, values.subarray(n * size, (n + 1) * size), reach, signed));
  scale.textContent = signed ? `orange ${show(-reach)}, white 0, blue ${show(reach)}` : `black 0, white ${show(reach)}`;
}

/** In per cent, with spaces that end no line; a softmax never comes to 1, so neither does its text. */
const percent = (part) => (part >= 0.9995 ? ">\u00a099.9\u00a0%" : `${(100 * part).toFixed(1)}\u00a0%`);
const inSentence = (part) => percent(part).replace(">", "more than").replace(/^0\.0/, "less than 0.1");

function sentence(probabilities, empty) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [first, second] = order.map((digit) => inSentence(probabilities[digit]));
  const choice = `${order[0]}, with probability ${first}`;
  if (empty) return `Nothing is drawn. Asked all the same, the network answers ${choice}.`;
  return `The network reads ${choice}. Its second choice is ${order[1]}, with ${second}.`;
}

function drawAnswer({ rows, answer }, probabilities, empty) {
  const most = largest(probabilities);
  rows.forEach(({ row, bar, number }, digit) => {
    bar.style.width = `${100 * probabilities[digit]}%`;
    number.textContent = percent(probabilities[digit]);
    row.classList.toggle("most", probabilities[digit] === most);
  });
  answer.textContent = sentence(probabilities, empty);
}

// ---------------------------------------------------------------- the reader's actions

function pointsOf(frame, event) {
  const box = frame.getBoundingClientRect();
  // A fast hand moves further between two frames than a digit can spare; the browser keeps what lay between.
  const events = event.getCoalescedEvents?.() ?? [];
  return (events.length ? events : [event]).map(({ clientX, clientY }) => ({
    x: ((clientX - box.left) / box.width) * SIDE,
    y: ((clientY - box.top) / box.height) * SIDE,
  }));
}

/** Points that lie close together add work but no shape. */
function extend(stroke, point) {
  const { x, y } = stroke.at(-1);
  if (Math.hypot(point.x - x, point.y - y) >= 0.3) stroke.push(point);
}

function movedPen(pen, event) {
  const step = event.shiftKey ? 5 : 1;
  const clamp = (value) => Math.min(SIDE, Math.max(0, value));
  switch (event.key) {
    case "ArrowUp": return { ...pen, y: clamp(pen.y - step) };
    case "ArrowDown": return { ...pen, y: clamp(pen.y + step) };
    case "ArrowLeft": return { ...pen, x: clamp(pen.x - step) };
    case "ArrowRight": return { ...pen, x: clamp(pen.x + step) };
    case " ":
    case "Enter": return { ...pen, down: !pen.down };
    default: return null;
  }
}

/** Let pointers draw: `begin(point)` starts a stroke, `go(point)` carries it on, `end()` closes it. */
function listenToPointers({ frame }, { begin, go, end }) {
  let pointer = null; // a second finger does not draw
  frame.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    frame.setPointerCapture(pointer);
    begin(pointsOf(frame, event)[0]);
  });
  frame.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) pointsOf(frame, event).forEach(go);
  });
  for (const last of ["pointerup", "pointercancel"]) {
    frame.addEventListener(last, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      end();
    });
  }
}

/** Let keys draw with a pen that stays where it is; `clear()` is for Delete. */
function listenToKeys(board, { begin, go, end, clear }) {
  let pen = { x: SIDE / 2, y: SIDE / 2, down: false };
  const show = (changed) => {
    pen = changed;
    drawPen(board, pen);
  };
  show(pen);
  board.frame.addEventListener("keydown", (event) => {
    const to = movedPen(pen, event);
    const clears = event.key === "Delete" || event.key === "Backspace";
    if (!to && !clears) return;
    event.preventDefault(); // the page would scroll too
    event.stopPropagation();
    if (event.repeat && to?.down !== pen.down) return; // a key held down would lift the pen again
    if (clears) clear();
    else if (to.down && pen.down) go(to);
    else if (to.down) begin(to);
    else if (pen.down) end();
    show(clears ? { ...pen, down: false } : to);
  });
  return () => show({ ...pen, down: false });
}

/** Call `work` at most once a frame, however often it is asked for. */
function oncePerFrame(work) {
  let frame = null;
  const run = () => {
    frame = null;
    work();
  };
  const ask = () => (frame ??= requestAnimationFrame(run));
  return { ask, cancel: () => cancelAnimationFrame(frame) };
}

function render({ model, el }) {
  const network = readNetwork(model.get("_layers"));
  const examples = unstack(readArray(model.get("_examples")));
  let board = { ...emptyBoard(), base: readArray(model.get("drawing")).values };
  let image = board.base;
  const parts = buildElements(network, forward(network, image), examples);
  const root = arrange(parts);

  const show = () => {
    root.drawing = image;
    root.activations = forward(network, image);
    root.probabilities = softmax(root.activations.at(-1).values);
    drawBoard(parts.board, board);
    [image, ...root.activations.map(({ values }) => values)].forEach((values, i) => drawStage(parts.stages[i], values));
    drawAnswer(parts.bars, root.probabilities, !image.some(Boolean));
  };
  const update = oncePerFrame(() => {
    image = imageOf(board, parts.board.prepared.checked);
    show();
    // Before the change is heard of, `image` is what it says, so that it is not taken for Python's.
    model.set("drawing", { shape: [SIDE, SIDE], values: new DataView(image.slice().buffer) });
    model.save_changes();
  });
  const put = (changed) => {
    board = changed;
    update.ask();
  };
  // While a stroke is being drawn, a screen reader should not read out each guess on the way.
  const busy = (now) => parts.bars.answer.setAttribute("aria-busy", String(now));
  const pen = {
    begin: ({ x, y }) => {
      put({ ...board, strokes: [...board.strokes, [{ x, y }]] });
    },
    go: ({ x, y }) => {
      extend(board.strokes.at(-1), { x, y });
      update.ask();
    },
    end: () => {},
    clear: () => put(emptyBoard()),
  };
  const lift = listenToKeys(parts.board, pen);
  const replace = (changed) => {
    lift(); // else the next arrow would carry on a stroke that is gone
    put(changed);
  };
  listenToPointers(parts.board, {
    ...pen,
    begin: (point) => {
      lift();
      busy(true);
      pen.begin(point);
    },
    end: () => busy(false),
  });
  parts.board.clear.addEventListener("click", () => replace(emptyBoard()));
  parts.board.prepared.addEventListener("change", update.ask);
  parts.board.moves.forEach((button, i) => button.addEventListener("click", () => replace(shifted(board, MOVES[i][2]))));
  parts.buttons.forEach((button, n) => button.addEventListener("click", () => replace({ ...emptyBoard(), base: examples[n] })));

  const followPython = () => {
    const { values } = readArray(model.get("drawing"));
    if (sameValues(values, image)) return;
    update.cancel();
    lift();
    board = { ...emptyBoard(), base: values };
    image = values;
    show();
  };
  model.on("change:drawing", followPython);
  show();
  el.append(root);
  return () => {
    update.cancel();
    model.off("change:drawing", followPython);
  };
}

export default { render };
