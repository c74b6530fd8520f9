// From notation to notes.

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
