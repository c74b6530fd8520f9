// Arrays as Python sends them.

/** Decode `{shape, values}` as Python sends it; copied, since a view's bytes need not begin where floats may. */
function readArray({ shape, values }) {
  return { shape, values: new Float32Array(bytesOf(values).slice().buffer) };
}

/** The images of an array (N, H, W), each as its values. */
function unstack({ shape: [count, height, width], values }) {
  const size = height * width;
  return Array.from({ length: count }, (_, n) => values.subarray(n * size, (n + 1) * size));
}

const sameValues = (a, b) => a.every((value, i) => value === b[i]);
