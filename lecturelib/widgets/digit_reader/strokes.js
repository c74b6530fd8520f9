// From strokes on the board to the image that the network gets.

const SIDE = 28; // of what the network gets, and of the board in its own units
const PIXEL = 0.75; // of the bitmaps, in units of the board: three pixels of the image are four of these
const PEN = 1.65; // radius on the board: as thick there as most strokes of the training digits

// What the 1,797 digits of load_digits have in common, measured on them: ink from the first row of 32 to the last and
// about 20 columns wide, half of them with more than 313 pixels of ink and half with less, and leftmost pixels of the
// first and the last row that stand one above the other.
const BITMAP = 32;
const BOX = { width: 20, height: 32 };
const INK = 313;
const MAX_RADIUS = 5.5; // a 1 is the thickest digit
// A dot would fill the box, and the wobble of a straight line its width, without a limit.
const ENLARGE = 8;
const STRETCH = 3;

/** Squared distance of (x, y) from a line from a to b. */
function fromLine(x, y, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length ? ((x - a.x) * dx + (y - a.y) * dy) / length : 0;
  const part = Math.min(1, Math.max(0, along));
  return (x - a.x - part * dx) ** 2 + (y - a.y - part * dy) ** 2;
}

/** How far the middle of each pixel of a square bitmap is from the nearest stroke, in pixels, row by row. */
function distances(strokes, size) {
  const lines = strokes.flatMap((stroke) => stroke.map((point, i) => [point, stroke[i + 1] ?? point]));
  return Float64Array.from({ length: size * size }, (_, pixel) => {
    const [x, y] = [(pixel % size) + 0.5, Math.floor(pixel / size) + 0.5];
    return Math.sqrt(lines.reduce((least, [a, b]) => Math.min(least, fromLine(x, y, a, b)), Infinity));
  });
}

const within = (radius) => (distance) => distance <= radius;

function bounds(strokes) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

const mapPoints = (strokes, f) => strokes.map((stroke) => stroke.map(f));

/** Scale strokes so that, with ink of this radius around them, they fill the box in the middle of the bitmap. */
function fitted(strokes, radius) {
  const { left, top, width, height } = bounds(strokes);
  let across = Math.min((BOX.width - 2 * radius) / width, ENLARGE);
  let down = Math.min((BOX.height - 2 * radius) / height, ENLARGE);
  [across, down] = [Math.min(across, STRETCH * down), Math.min(down, STRETCH * across)];
  return mapPoints(strokes, ({ x, y }) => ({
    x: BITMAP / 2 + across * (x - left - width / 2),
    y: BITMAP / 2 + down * (y - top - height / 2),
  }));
}

/** Ink the pixels nearest to the strokes, as many as a training digit has. */
function inked(strokes) {
  let radius = PEN / PIXEL;
  let far;
  // How far the strokes may reach depends on how thick they will be, and the other way round; three rounds settle it.
  for (let round = 0; round < 3; round++) {
    far = distances(fitted(strokes, radius), BITMAP);
    radius = Math.min(far.slice().sort()[INK - 1], MAX_RADIUS);
  }
  return Array.from(far, within(radius));
}

const rowsOf = (bitmap, size) => Array.from({ length: size }, (_, i) => bitmap.slice(i * size, (i + 1) * size));

/** Shift the rows so that the first and the last one begin at the same column, and the whole stands in the middle. */
function upright(bitmap) {
  const rows = rowsOf(bitmap, BITMAP);
  const [first, last] = [rows.findIndex((row) => row.includes(true)), rows.findLastIndex((row) => row.includes(true))];
  const lean = last > first ? (rows[first].indexOf(true) - rows[last].indexOf(true)) / (last - first) : 0;
  const straight = rows.map((row, i) => ({ row, shift: -Math.round(lean * (last - i)) }));
  const filled = straight.filter(({ row }) => row.includes(true));
  const left = Math.min(...filled.map(({ row, shift }) => row.indexOf(true) + shift));
  const right = Math.max(...filled.map(({ row, shift }) => row.lastIndexOf(true) + shift));
  const middle = Math.round((BITMAP - 1 - left - right) / 2);
  return straight.flatMap(({ row, shift }) => row.map((_, j) => row[j - shift - middle] ?? false));
}

/** The share of ink in each block of 4x4 pixels, row by row. */
function countBlocks(bitmap, size) {
  const across = size / 4;
  const blocks = new Float32Array(across * across);
  bitmap.forEach((ink, pixel) => {
    const [row, column] = [Math.floor(pixel / size), pixel % size];
    blocks[Math.floor(row / 4) * across + Math.floor(column / 4)] += ink / 16;
  });
  return blocks;
}

/** The two places in n that an enlarged pixel lies between, and how far it is from the first. */
function between(pixel, n) {
  const place = Math.min(n - 1, Math.max(0, (pixel + 0.5) / 3 - 0.5));
  const low = Math.floor(place);
  return [low, Math.min(low + 1, n - 1), place - low];
}

/** Enlarge n x n blocks three times, with straight lines between them, in the middle of an image. */
function enlarged(blocks) {
  const n = Math.sqrt(blocks.length);
  const border = (SIDE - 3 * n) / 2; // below 0 where the blocks reach beyond the image
  return Float32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / SIDE) - border, (pixel % SIDE) - border];
    if (Math.min(row, column) < 0 || Math.max(row, column) >= 3 * n) return 0;
    const [top, bottom, down] = between(row, n);
    const [left, right, over] = between(column, n);
    const at = (i) => (1 - over) * blocks[i * n + left] + over * blocks[i * n + right];
    return (1 - down) * at(top) + down * at(bottom);
  });
}

/** The image of strokes in the form of the training digits. */
function asTrained(strokes) {
  return enlarged(countBlocks(upright(inked(strokes)), BITMAP));
}

/** The image of strokes where they are and as thick as they are, in the same grays. */
function asDrawn(strokes) {
  const size = BITMAP + 8; // a block more on each side, so that the border of the image has ink too
  const place = (value) => (value + 1) / PIXEL; // the image begins one of its pixels within the outer blocks
  const placed = mapPoints(strokes, ({ x, y }) => ({ x: place(x), y: place(y) }));
  return enlarged(countBlocks(Array.from(distances(placed, size), within(PEN / PIXEL)), size));
}

/** What the network gets. On an example strokes stay where they were drawn, or they would miss it. */
function imageOf({ strokes, base }, prepared) {
  if (!strokes.length) return base;
  if (prepared && !base.some(Boolean)) return asTrained(strokes);
  const drawn = asDrawn(strokes);
  return base.map((ink, i) => Math.max(ink, drawn[i]));
}

const emptyBoard = () => ({ strokes: [], base: new Float32Array(SIDE * SIDE) });

function shifted({ strokes, base }, [dx, dy]) {
  return {
    strokes: mapPoints(strokes, ({ x, y }) => ({ x: x + dx, y: y + dy })),
    base: base.map((_, pixel) => {
      const [row, column] = [Math.floor(pixel / SIDE) - dy, (pixel % SIDE) - dx];
      const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
      return inside ? base[row * SIDE + column] : 0;
    }),
  };
}
