// The panel shows a state.

function drawBoard({ canvas }, { strokes, base }) {
  const context = canvas.getContext("2d");
  const unit = canvas.width / SIDE;
  const image = canvasOf(SIDE, SIDE);
  paint(image, base, GRAY);
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
  const range = { signed, low: 0, high: reach };
  canvases.forEach((canvas, n) => paint(canvas, values.subarray(n * size, (n + 1) * size), range));
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
