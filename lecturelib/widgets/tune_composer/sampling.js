// A tune, token by token.

const MAX_LENGTH = 1000; // tokens, as in lecturelib.models.music.compose

/** mulberry32: numbers from 0 up to 1, decided by a seed of 32 bits. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draw as lecturelib.sampling does: where a random part of the sum of all exp(y / temperature) is reached. */
function draw(scores, temperature, random) {
  const best = Math.max(...scores);
  if (temperature === 0) return scores.indexOf(best);
  let sum = 0;
  const sums = Array.from(scores, (score) => (sum += Math.exp((score - best) / temperature)));
  const reached = random() * sum;
  const drawn = sums.findIndex((part) => part > reached);
  return drawn >= 0 ? drawn : sums.indexOf(sum); // rounding may take the product to the sum
}

/** What must not be drawn: only the start of a tune has fields. */
const isNever = (token) => ["<unk>", "<s>"].includes(token) || /^[MLK]:/.test(token);

/** The tokens that follow `begin`, up to the end of the tune. */
function continueTune({ network, tokens, ids }, begin, { temperature, seed }) {
  const random = generator(seed);
  const music = [];
  let states = readTokens(network, ["<s>", ...begin].map((token) => ids.get(token)));
  while (music.length < MAX_LENGTH) {
    const scores = logits(network, states).map((score, id) => (isNever(tokens[id]) ? -Infinity : score));
    const id = draw(scores, temperature, random);
    if (tokens[id] === "</s>") break;
    music.push(tokens[id]);
    states = readToken(network, states, id);
  }
  return music;
}
