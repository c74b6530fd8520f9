// The reader's half of KernelExplorer: filters the picture in the page, with or without a kernel behind it.

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
    paintPicture(parts.output.canvas, root.filtered, scale);
    drawLegend(parts, scale);
    drawKernel(parts, kernel, presets);
    moveWindow(position);
  };
  const drawPicture = () => {
    picture = readPicture(model.get("picture"));
    position = { row: Math.floor(picture.height / 2), column: Math.floor(picture.width / 2) };
    paintPicture(parts.input.canvas, picture, GRAY);
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
