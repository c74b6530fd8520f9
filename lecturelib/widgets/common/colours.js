// The colours of lecturelib.plots: the ends differ in hue and the middle is white, which keeps sign and size apart for
// all readers.

const NEGATIVE = [213, 94, 0];
const POSITIVE = [0, 114, 178];
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

const GRAY = { signed: false, low: 0, high: 1 };

const mix = (from, to, part) => from.map((value, i) => value + (to[i] - value) * part);

/** Black at `low` to white at `high`; if signed, white at 0 to blue at `high`, and orange below 0. */
function colour(value, { signed, low, high }) {
  const begin = signed ? 0 : low;
  const part = high === begin ? 0 : (value - begin) / (high - begin);
  if (signed) return mix(WHITE, part < 0 ? NEGATIVE : POSITIVE, Math.min(1, Math.abs(part)));
  return mix(BLACK, WHITE, Math.min(1, Math.max(0, part)));
}

/** Give each pixel of a canvas, row by row, the colour of a value. */
function paint(canvas, values, scale) {
  const image = new ImageData(canvas.width, canvas.height);
  values.forEach((value, i) => image.data.set([...colour(value, scale), 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
}
