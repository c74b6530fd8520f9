// Arrays as Python sends them.

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
