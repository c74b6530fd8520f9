// The picture, and its sums with a kernel.

/** Decode the picture; `pixels` arrives as a DataView over one byte a pixel. */
function readPicture({ height, width, pixels }) {
  return { height, width, values: Float64Array.from(bytesOf(pixels), (byte) => byte / 255) };
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
