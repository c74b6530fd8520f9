// A network in the page: the layers, by the names of lecturelib.layers.

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
