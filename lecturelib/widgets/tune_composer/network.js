// The network.

/** Decode a float16; few browsers have an array of them. */
function fromHalf(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/** The weights by their names in PyTorch; `weights` arrives as a DataView over all of them in that order. */
function readWeights({ shapes, weights }) {
  let place = 0;
  return new Map(shapes.map(([name, shape]) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = fromHalf(weights.getUint16(2 * place++, true));
    return [name, values];
  }));
}

const add = (a, b) => a.map((value, i) => value + b[i]);

function readNetwork(data) {
  const weights = readWeights(data);
  const layers = [];
  for (let n = 0; weights.has(`recurrent.weight_ih_l${n}`); n++) {
    const part = (kind) => weights.get(`recurrent.${kind}_l${n}`);
    layers.push({ input: part("weight_ih"), recurrent: part("weight_hh"), bias: add(part("bias_ih"), part("bias_hh")) });
  }
  return {
    layers,
    embedding: weights.get("embedding.weight"),
    head: { weight: weights.get("head.weight"), bias: weights.get("head.bias") },
  };
}

/** sums + W x, for W (sums, x) row by row. */
function plusProduct(sums, W, x) {
  return sums.map((sum, row) => {
    const from = row * x.length;
    for (let k = 0; k < x.length; k++) sum += W[from + k] * x[k];
    return sum;
  });
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** One step of a layer; the gates i, f, g, o lie one after the other. */
function lstmStep(layer, x, { h, c }) {
  const gates = plusProduct(plusProduct(layer.bias, layer.input, x), layer.recurrent, h);
  const size = h.length;
  const after = c.map((value, j) =>
    sigmoid(gates[size + j]) * value + sigmoid(gates[j]) * Math.tanh(gates[2 * size + j]));
  return { h: after.map((value, j) => sigmoid(gates[3 * size + j]) * Math.tanh(value)), c: after };
}

const zeros = ({ bias }) => ({ h: new Float32Array(bias.length / 4), c: new Float32Array(bias.length / 4) });

/** The states of all layers after one more token. */
function readToken({ layers, embedding, head }, states, id) {
  const width = embedding.length / head.bias.length;
  let x = embedding.subarray(id * width, (id + 1) * width);
  return layers.map((layer, n) => {
    const state = lstmStep(layer, x, states[n]);
    x = state.h;
    return state;
  });
}

/** The states after `<s>` and some tokens. */
function readTokens(network, ids) {
  return ids.reduce((states, id) => readToken(network, states, id), network.layers.map(zeros));
}

const logits = ({ head }, states) => plusProduct(head.bias, head.weight, states.at(-1).h);
