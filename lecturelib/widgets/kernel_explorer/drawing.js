// The panel shows a state.

const SUM_IS_ZERO = 1e-9; // entries such as 1/9 do not add up exactly

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

/** The colours in force, with the values at the two ends of their legend. */
function scaleFor(choice, kernel, result) {
  const edgeKernel = Math.abs(kernelSum(kernel)) < SUM_IS_ZERO;
  const display = choice === "auto" ? (edgeKernel ? "signed" : "unit") : choice;
  if (display === "unit") return GRAY;
  const values = withoutRim(result);
  if (display === "signed") {
    const reach = fullColour(values);
    return { signed: true, low: -reach, high: reach };
  }
  return { signed: false, low: smallest(values), high: largest(values) };
}

function paintPicture(canvas, { height, width, values }, scale) {
  Object.assign(canvas, { height, width });
  paint(canvas, values, scale);
}

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
  paint(legendBar, steps, scale);
  const [low, high] = [show(scale.low), show(scale.high)];
  const ends = scale.signed ? [`≤ ${low}`, "0", `≥ ${high}`] : [low, high];
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
