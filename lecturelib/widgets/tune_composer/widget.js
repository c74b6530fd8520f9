// The reader's half of TuneComposer: a recurrent network that composes in the page, and notes to hear.

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
