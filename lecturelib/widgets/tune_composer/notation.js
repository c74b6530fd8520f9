// ABC notation, as in lecturelib.abc_notation.

const LINE_WIDTH = 72;
const VERSION = "%abc-2.1";

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
