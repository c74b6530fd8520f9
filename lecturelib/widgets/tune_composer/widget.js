// The reader's half of TuneComposer: a recurrent network that composes in the page, and notes to hear.

const MAX_LENGTH = 1000; // tokens, as in lecturelib.models.music.compose
const LINE_WIDTH = 72;
const MAX_SEED = 2 ** 32 - 1;
const MAX_TEMPERATURE = 2;
// Says that an accidental holds until the end of its bar; without it music21 takes older rules.
const VERSION = "%abc-2.1";
const SECONDS_A_QUARTER = 0.36;

// ---------------------------------------------------------------- the network

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
    const values = new Float32Array(shape.reduce((size, side) => size * side, 1));
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

// ---------------------------------------------------------------- sampling

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

// ---------------------------------------------------------------- ABC notation, as in lecturelib.abc_notation

/** What is wrong with the reader's input, in a sentence. */
class Problem extends Error {}

// Words and fields; chord symbols; decorations; grace notes; slurs; what else tells neither pitch nor length.
const UNHEARD = /^[wWPNTQRSZ]:.*$|"[^"\n]*"|![a-z0-9().<>+]+!|\{[^}]*\}|\((?!\d)|[~.)H-Wh-wy`$*!\\\s-]/gm;
const TOKEN = new RegExp(
  [
    String.raw`(?<ending>\[\d)`,
    String.raw`(?<bar>:*[|\[\]]*\|[|\]]*:*|::+)`,
    String.raw`(?<note>(?<accidental>\^\^|__|[\^_=]?)(?<letter>[A-Ga-g])(?<octave>[,']*))`,
    String.raw`(?<rest>[zx])`,
    String.raw`(?<length>\d+/*\d*|/+\d*)`,
    String.raw`(?<tuplet>\([2-9])`,
    String.raw`(?<broken>>+|<+)`,
    String.raw`(?<open>\[)`,
    String.raw`(?<close>\])`,
  ].join("|"),
  "y",
);
const KINDS = ["ending", "bar", "note", "rest", "length", "tuplet", "broken", "open", "close"];

const divisorOf = (a, b) => (b === 0 ? a : divisorOf(b, a % b));

/** A length such as 3/2, / for 1/2 or // for 1/4, in lowest terms. */
function readLength(text) {
  const [, number, slashes, divisor] = text.match(/^(\d*)(\/*)(\d*)$/);
  if (number === "0" || divisor === "0") throw new Problem("A note needs a length above 0.");
  const [above, below] = [Number(number || 1), divisor ? Number(divisor) : 2 ** slashes.length];
  const common = divisorOf(above, below);
  return { above: above / common, below: below / common };
}

function writeBar(text) {
  const [ends, begins] = [text.startsWith(":"), text.endsWith(":")];
  if (ends || begins) return ends && begins ? "::" : ends ? ":|" : "|:";
  return text === "|" ? "|" : "||";
}

const writeLength = ({ above, below }) => (below === 1 ? `${above}` : above === 1 ? `/${below}` : `${above}/${below}`);

/** A token in its one way of writing, and what can be read from it. */
function readMatch(match) {
  const { groups } = match;
  const kind = KINDS.find((name) => groups[name] !== undefined);
  if (kind === "bar") return { kind, text: writeBar(match[0]) };
  if (kind === "rest") return { kind, text: "z" };
  if (kind !== "length") return { kind, text: match[0], ...(kind === "note" ? groups : {}) };
  const length = readLength(match[0]);
  return { kind, text: writeLength(length), value: length.above / length.below };
}

/** Cut the music of a tune into tokens; a length of 1 is none. */
function readMusic(body) {
  const text = body.replace(/\|(?=\d)/g, "|[").replace(UNHEARD, ""); // |1 is short for |[1
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const place = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Problem(`This is no music in ABC notation: “${text.slice(place, place + 20)}”.`);
    found.push(readMatch(match));
  }
  return found.filter(({ kind, text: written }) => kind !== "length" || written !== "1");
}

const tokenize = (body) => readMusic(body).map(({ text }) => text);

/** Break a line where lecturelib.abc_notation.write_abc does, which counts spaces before it joins them. */
function wrap(text) {
  const lines = [];
  let line = "";
  for (const piece of text.match(/\s+|\S+/g) ?? []) {
    if (line && line.length + piece.length > LINE_WIDTH) {
      lines.push(line);
      line = "";
    }
    if (line || piece.trim() || !lines.length) line += piece;
  }
  return [...lines, line].map((each) => each.trim().replace(/\s+/g, " ")).filter(Boolean);
}

function writeAbc(header, music, title) {
  const spaced = music.map((token) => (/\||^::$|^\[\d/.test(token) ? ` ${token} ` : token));
  return [VERSION, "X:1", `T:${title}`, ...header, ...wrap(spaced.join("")), ""].join("\n");
}

// ---------------------------------------------------------------- from notation to notes

const SHARPS = "FCGDAEB"; // in the order in which key signatures take them up
const SEMITONES = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS = { __: -2, _: -1, "=": 0, "^": 1, "^^": 2 };
const IN_THE_TIME_OF = { "(2": 3, "(3": 2, "(4": 3, "(6": 2, "(8": 3 };

/** The semitones by which a key signature moves each letter; flats count as -1 fifth. */
function readSignature(fifths) {
  return Object.fromEntries([...SHARPS].map((letter, place) => [letter, Math.floor((fifths + 6 - place) / 7)]));
}

function fraction(text) {
  const [above, below] = text.split("/").map(Number);
  return above / below;
}

/** The unit in quarters, the key signature, the kind of metre, and what follows the header. */
function readHeader(abc, modes) {
  const field = (letter) => abc.match(new RegExp(`^${letter}:[ \\t]*(.*?)\\s*$`, "m"))?.[1] ?? "";
  const mode = modes.find(([, letters]) => field("K") === `C${letters}`);
  const [beats, beat] = field("M").split("/").map(Number);
  const unit = 4 * fraction(field("L"));
  if (!mode || !(beats > 0 && beat > 0 && unit > 0)) {
    throw new Problem("To be heard, a tune needs the fields M:, L: and K:, with the tonic C.");
  }
  const key = /^K:.*$/m.exec(abc);
  return {
    unit,
    signature: readSignature(mode[2]),
    compound: beats > 3 && beats % 3 === 0,
    body: abc.slice(key.index + key[0].length),
  };
}

/** Reads tokens in the order in which they are written; its items are notes, bar lines and endings. */
class ScoreReader {
  items = [];
  altered = {}; // by accidentals, until the end of the bar
  time = { left: 0, factor: 1 }; // of a tuplet
  uneven = null; // the sign of a broken rhythm, until the next note
  chord = null;
  counts = false; // whether a length that comes now is that of the last item

  constructor({ unit, signature, compound }) {
    Object.assign(this, { unit, signature, compound });
  }

  read(token) {
    this[token.kind](token);
  }

  begin(pitches) {
    const item = { pitches, length: this.unit, time: 1, broken: 1 };
    if (this.time.left-- > 0) item.time = this.time.factor;
    const before = this.items.at(-1);
    if (this.uneven && before?.pitches) {
      const less = 0.5 ** this.uneven.length;
      [before.broken, item.broken] = this.uneven[0] === ">" ? [2 - less, less] : [less, 2 - less];
    }
    this.uneven = null;
    this.counts = true;
    this.items.push(item);
    return item;
  }

  note({ accidental, letter, octave }) {
    const name = letter.toUpperCase();
    if (accidental) this.altered[name] = ACCIDENTALS[accidental];
    const higher = [...octave].reduce((sum, mark) => sum + (mark === "'" ? 1 : -1), letter === name ? 0 : 1);
    const pitch = 60 + SEMITONES[name] + (this.altered[name] ?? this.signature[name]) + 12 * higher;
    if (this.chord) this.counts = this.chord.pitches.push(pitch) === 1; // the first says how long a chord is
    else this.begin([pitch]);
  }

  rest() {
    if (this.chord) this.counts = false;
    else this.begin([]);
  }

  length({ value }) {
    if (this.counts) this.items.at(-1).length *= value;
  }

  tuplet({ text }) {
    const count = Number(text[1]);
    const inTheTimeOf = IN_THE_TIME_OF[text] ?? (this.compound ? 3 : 2);
    this.time = { left: count, factor: inTheTimeOf / count };
    this.uneven = null;
  }

  broken({ text }) {
    this.uneven = text;
  }

  open() {
    this.chord = this.begin([]);
  }

  close() {
    this.counts = this.chord !== null;
    this.chord = null;
  }

  bar({ text }) {
    this.altered = {};
    this.uneven = this.chord = null;
    this.counts = false;
    this.items.push({ bar: text });
  }

  ending({ text }) {
    this.bar({ text: "|" });
    this.items.push({ ending: Number(text[1]) });
  }
}

const isRepeat = ({ bar }) => bar === ":|" || bar === "::";

/** Where the ending at `from` is over, or `from` if nothing closes it. */
function endOfEnding(items, from) {
  const place = items.findIndex((item, i) => i > from && isRepeat(item));
  return place < 0 ? from : place;
}

/** Whether a section ends here and another begins; a double bar within signs of repetition does not count. */
function endsSection({ bar }, { opened, again, last }) {
  return bar === "|:" || (again && isRepeat({ bar })) || (bar === "||" && (last || !(opened || again)));
}

/**
 * The notes and rests in the order in which they sound: repeats twice, first endings once. Without a sign where it
 * begins, a repeat goes back to the latest double bar or end of a repeat, else to the beginning.
 */
function unfold(items) {
  const played = [];
  let section = { from: 0 };
  for (let at = 0; at < items.length; at++) {
    if (section.again && items[at].ending === 1) {
      at = endOfEnding(items, at);
      if (items[at].bar === ":|") continue; // the second ending follows, in the same section
    }
    const item = items[at];
    if (item.pitches) played.push(item);
    else if (item.ending > 1) section.last = section.again;
    else if (endsSection(item, section)) section = { from: at + 1, opened: item.bar.endsWith(":") };
    else if (isRepeat(item)) {
      section.again = true;
      at = section.from - 1;
    }
  }
  return played;
}

/** A tune's notes as [MIDI number, start, length], in quarters: as they are played, or else as they are written. */
function notesOf(abc, modes, { repeats = true } = {}) {
  const { body, ...header } = readHeader(abc, modes);
  const reader = new ScoreReader(header);
  for (const token of readMusic(body)) reader.read(token);
  const items = repeats ? unfold(reader.items) : reader.items.filter(({ pitches }) => pitches);
  let end = 0;
  return items.flatMap(({ pitches, length, time, broken }) => {
    const [start, lasts] = [end, length * time * broken];
    end += lasts;
    return pitches.map((pitch) => [pitch, start, lasts]);
  });
}

// ---------------------------------------------------------------- sound

const frequency = (pitch) => 440 * 2 ** ((pitch - 69) / 12);

/** A note that begins at once and dies away, as of a plucked string. */
function pluck(context, pitch, from, seconds) {
  const oscillator = new OscillatorNode(context, { type: "triangle", frequency: frequency(pitch) });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0.25, from);
  loudness.gain.setTargetAtTime(0, from, 0.3);
  loudness.gain.setTargetAtTime(0, from + 0.9 * seconds, 0.02); // a note that breaks off would click
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds);
  return oscillator;
}

/** Play notes, and return what stops them. */
function play(notes, whenDone) {
  const context = new AudioContext();
  const begin = context.currentTime + 0.1;
  const last = notes
    .map(([pitch, start, length]) =>
      pluck(context, pitch, begin + SECONDS_A_QUARTER * start, SECONDS_A_QUARTER * length))
    .at(-1);
  last.addEventListener("ended", whenDone);
  return () => {
    last.removeEventListener("ended", whenDone);
    context.close();
  };
}

// ---------------------------------------------------------------- elements

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const labelled = (text, control) => element("label", {}, element("span", {}, text), control);

function menu(names) {
  return element("select", {}, ...names.map((name) => element("option", { value: name }, name)));
}

function buildElements(metres, modes) {
  const number = { type: "number", min: "0", max: String(MAX_SEED), step: "1" };
  const range = { type: "range", min: "0", max: String(MAX_TEMPERATURE), step: "0.05" };
  // Otherwise JupyterLab takes Ctrl+A and others for the whole notebook.
  const text = { readonly: "", rows: "12", spellcheck: "false", "data-lm-suppress-shortcuts": "true" };
  return {
    metre: menu(metres),
    mode: menu(modes),
    temperature: element("input", range),
    degrees: element("span", { class: "degrees", "aria-hidden": "true" }), // the slider itself says it to screen readers
    seed: element("input", number),
    initial_abc: element("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off" }),
    problem: element("p", { class: "problem", role: "alert" }),
    compose: element("button", { type: "button", class: "main" }, "Compose"),
    play: element("button", { type: "button" }, "Play"),
    link: element("a", { class: "download" }, "Download as .abc"),
    abc: element("textarea", text),
    summary: element("p", { class: "summary", "aria-live": "polite" }),
  };
}

function arrange(parts) {
  const temperature = labelled("Temperature", parts.temperature);
  temperature.firstChild.append(": ", parts.degrees);
  const controls = element("div", { class: "pane" },
    element("div", { class: "pair" }, labelled("Metre", parts.metre), labelled("Mode, on C", parts.mode)),
    temperature,
    labelled("Seed", parts.seed),
    labelled("Initial ABC: how the music begins", parts.initial_abc),
    parts.problem,
    element("div", { class: "buttons" }, parts.compose, parts.play));
  const result = element("div", { class: "pane" }, labelled("Tune in ABC notation", parts.abc), parts.summary, parts.link);
  return element("div", { class: "tune-composer", role: "group", "aria-label": "Tune composer" }, controls, result);
}

// ---------------------------------------------------------------- the reader's actions

const SETTINGS = ["metre", "mode", "temperature", "seed", "initial_abc"];

function readSeed({ seed }) {
  const value = seed.valueAsNumber;
  if (Number.isInteger(value) && value >= 0 && value <= MAX_SEED) return value;
  throw new Problem(`The seed has to be a whole number from 0 to ${MAX_SEED}.`);
}

function readBeginning({ initial_abc: field }, ids) {
  const unknown = tokenize(field.value).filter((token) => !ids.has(token));
  if (!unknown.length) return field.value;
  throw new Problem(`The network has never heard “${unknown.join("”, “")}”; it cannot go on from there.`);
}

/** What a control says, checked. */
function readSetting(name, parts, ids) {
  if (name === "temperature") return parts.temperature.valueAsNumber;
  if (name === "seed") return readSeed(parts);
  return name === "initial_abc" ? readBeginning(parts, ids) : parts[name].value;
}

/** Remembers, for each control, what is wrong with it, and says so. */
class Complaints {
  messages = new Map();

  constructor(place) {
    this.place = place;
  }

  set(control, message) {
    control.toggleAttribute("aria-invalid", false);
    this.messages.delete(control);
    if (message) {
      control.setAttribute("aria-invalid", "true");
      this.messages.set(control, message);
    }
    this.place.textContent = [...this.messages.values()].join(" ");
  }

  /** Do something with a control, unless what it holds is wrong. */
  attempt(control, action) {
    let message = null;
    try {
      action();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      message = error.message;
    }
    this.set(control, message);
  }
}

function composeTune(composer, metres, modes, { metre, mode, temperature, seed, initial_abc }) {
  const unit = metres.find(([name]) => name === metre)[1];
  const letters = modes.find(([name]) => name === mode)[1];
  const header = [`M:${metre}`, `L:${unit}`, `K:C${letters}`];
  const begin = tokenize(initial_abc);
  const music = continueTune(composer, [...header, ...begin], { temperature, seed });
  const title = `C ${mode}, ${metre}, temperature ${temperature}, seed ${seed}`;
  return writeAbc(header, [...begin, ...music], title);
}

function summarise(notes) {
  const seconds = Math.round(SECONDS_A_QUARTER * Math.max(0, ...notes.map(([, start, length]) => start + length)));
  return notes.length ? `${notes.length} notes with all repeats, ${seconds} seconds` : "There are no notes in it.";
}

function offerFile(link, abc, seed) {
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([abc], { type: "text/vnd.abc" }));
  link.download = `tune-${seed}.abc`;
}

function render({ model, el }) {
  const [metres, modes, tokens] = ["_metres", "_modes", "_tokens"].map((name) => model.get(name));
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const composer = { network: readNetwork(model.get("_network")), tokens, ids };
  const parts = buildElements(metres.map(([name]) => name), modes.filter((each) => each[3]).map(([name]) => name));
  const root = arrange(parts);
  const complaints = new Complaints(parts.problem);
  let stopPlaying = null;

  const settings = () => Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
  const stop = () => {
    stopPlaying?.();
    stopPlaying = null;
    parts.play.textContent = "Play";
  };
  const togglePlaying = () => {
    if (stopPlaying) return stop();
    stopPlaying = play(root.notes, stop);
    parts.play.textContent = "Stop";
  };
  const showSetting = (name) => {
    const [control, value] = [parts[name], model.get(name)];
    const shown = typeof value === "number" ? control.valueAsNumber : control.value;
    // Rewriting what the reader is typing would move the cursor and turn "07" into "7".
    if (shown !== value) control.value = value;
    complaints.set(control, null);
    parts.degrees.textContent = model.get("temperature").toFixed(2);
  };
  const showTune = () => {
    stop();
    const abc = model.get("abc");
    parts.abc.value = abc;
    root.notes = [];
    complaints.attempt(parts.abc, () => (root.notes = notesOf(abc, modes)));
    parts.summary.textContent = summarise(root.notes);
    parts.play.disabled = !root.notes.length;
    offerFile(parts.link, abc, model.get("seed"));
  };
  const compose = () => {
    const wrong = SETTINGS.map((name) => parts[name]).find((control) => complaints.messages.has(control));
    if (wrong) return wrong.focus();
    model.set("abc", composeTune(composer, metres, modes, settings()));
    model.save_changes();
  };
  const listeners = SETTINGS.map((name) => [`change:${name}`, () => showSetting(name)]);
  listeners.push(["change:abc", showTune]);

  for (const name of SETTINGS) {
    parts[name].addEventListener("input", () => complaints.attempt(parts[name], () => {
      model.set(name, readSetting(name, parts, ids));
      model.save_changes();
    }));
  }
  parts.compose.addEventListener("click", compose);
  parts.play.addEventListener("click", togglePlaying);
  for (const [event, listener] of listeners) model.on(event, listener);

  root.logitsAfter = (music) =>
    Array.from(logits(composer.network, readTokens(composer.network, ["<s>", ...music].map((token) => ids.get(token)))));
  root.tokenize = tokenize;
  root.notesOf = (abc, options) => notesOf(abc, modes, options);

  SETTINGS.forEach(showSetting);
  if (model.get("abc")) showTune();
  else compose();
  el.append(root);
  return () => {
    stop();
    URL.revokeObjectURL(parts.link.href);
    for (const [event, listener] of listeners) model.off(event, listener);
  };
}

export default { render };
