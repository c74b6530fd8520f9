// The reader's half of DigitReader: a board to draw on, and a network that reads it in the page, with or without a
// kernel behind it.

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
