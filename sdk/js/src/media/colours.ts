/** The main colours of a picture: k-means in OKLab, so that near means alike to the eye. */

export type Lab = [l: number, a: number, b: number];

interface Cluster {
  centre: Lab;
  share: number; // of all opaque pixels
}

const SIDE = 64; // px, what a picture is scaled to before its colours are counted
const OPAQUE = 200; // least alpha of a pixel that counts
const ROUNDS = 12; // of k-means; centres hardly move after eight
const SAME = 0.045; // OKLab distance below which two colours are one to the eye
const SCRAP = 0.015; // share below which a colour is an edge between two others
const GROUND = 0.7; // share of an opaque picture's rim that makes its colour a background

/** Anything that a canvas can draw. */
export type Picture = CanvasImageSource & { width: number; height: number };

/**
 * Return the main colours of a picture, the largest first, as "#rrggbb". What lies under `ink` does
 * not count, unless nothing else is there: lines are drawn over colours, and are none of them.
 */
export function coloursOf(picture: Picture, most: number, ink: Picture | null = null): string[] {
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingEnabled = false; // blends are nobody's colours
  context.drawImage(picture, 0, 0, width, height);
  if (ink) {
    context.imageSmoothingEnabled = true; // their soft edges neither
    context.globalCompositeOperation = "destination-out";
    context.drawImage(ink, 0, 0, width, height);
  }
  const found = mainColours(context.getImageData(0, 0, width, height).data, width, most);
  return ink && !found.length ? coloursOf(picture, most) : found;
}

const DARK = 0.5; // OKLab lightness below which grey ink is a line, and says no colour
const GREY = 0.04; // OKLab chroma up to which ink has no hue

/** Whether ink of a colour, "#rrggbb", says one: it has a hue, or is light. */
export function countsAsColour(hex: string): boolean {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [l, ...ab] = toLab(r, g, b);
  return l > DARK || Math.hypot(...ab) > GREY;
}

/** Return the main colours of RGBA pixels; transparent ones and a plain background do not count. */
export function mainColours(rgba: ArrayLike<number>, width: number, most: number): string[] {
  const points: Lab[] = [];
  const rim: boolean[] = [];
  let clear = 0;
  const count = rgba.length / 4;
  for (let i = 0; i < count; i++) {
    if ((rgba[i * 4 + 3] ?? 0) < OPAQUE) {
      clear += 1;
      continue;
    }
    points.push(toLab(rgba[i * 4] ?? 0, rgba[i * 4 + 1] ?? 0, rgba[i * 4 + 2] ?? 0));
    const x = i % width;
    rim.push(x === 0 || x === width - 1 || i < width || i >= count - width);
  }
  if (!points.length) return [];
  const figure = clear > 0.02 * count ? points : withoutGround(points, rim);
  const clusters = merged(kMeans(figure, most + 2));
  const kept = clusters.filter((each) => each.share >= SCRAP);
  return (kept.length ? kept : clusters).slice(0, most).map((each) => toHex(each.centre));
}

/** Leave out the colour that most of the rim shares, unless nothing else is there. */
function withoutGround(points: Lab[], rim: boolean[]): Lab[] {
  const edge = points.filter((_, i) => rim[i]);
  const [ground] = merged(kMeans(edge, 4));
  if (!ground || ground.share < GROUND) return points;
  const figure = points.filter((point) => distance(point, ground.centre) > SAME);
  return figure.length > points.length * SCRAP ? figure : points;
}

function kMeans(points: Lab[], count: number): Cluster[] {
  let centres = seeds(points, count);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.map((): Lab => [0, 0, 0]);
    const sizes = centres.map(() => 0);
    for (const point of points) {
      const at = nearest(point, centres);
      const sum = sums[at] as Lab;
      for (let k = 0; k < 3; k++) sum[k] = (sum[k] as number) + (point[k] as number);
      sizes[at] = (sizes[at] as number) + 1;
    }
    centres = centres.map((old, i) => {
      const size = sizes[i] as number;
      return size ? ((sums[i] as Lab).map((each) => each / size) as Lab) : old;
    });
  }
  const members = centres.map((): Lab[] => []);
  for (const point of points) members[nearest(point, centres)]?.push(point);
  return members.map((own) => ({ centre: median(own), share: own.length / points.length }));
}

/** Return the middle of points, channel by channel: unlike a mean, no blended edge shifts it. */
function median(points: Lab[]): Lab {
  const middle = (k: number): number =>
    points.map((point) => point[k] as number).sort((a, b) => a - b)[points.length >> 1] ?? 0;
  return [middle(0), middle(1), middle(2)];
}

/** Begin with the mean and go on with what lies farthest off: no chance, the same each time. */
function seeds(points: Lab[], count: number): Lab[] {
  const mean = [0, 1, 2].map(
    (k) => points.reduce((sum, point) => sum + (point[k] as number), 0) / points.length,
  ) as Lab;
  const centres = [points[nearest(mean, points)] as Lab];
  const gaps = points.map((point) => distance(point, centres[0] as Lab));
  while (centres.length < count) {
    let far = 0;
    gaps.forEach((gap, i) => (far = gap > (gaps[far] as number) ? i : far));
    if ((gaps[far] as number) < 1e-4) break;
    const next = points[far] as Lab;
    centres.push(next);
    points.forEach((point, i) => (gaps[i] = Math.min(gaps[i] as number, distance(point, next))));
  }
  return centres;
}

/** Join clusters that look the same, the largest first. */
function merged(clusters: Cluster[]): Cluster[] {
  const found: Cluster[] = [];
  for (const each of [...clusters].sort((a, b) => b.share - a.share)) {
    const same = found.find((other) => distance(other.centre, each.centre) < SAME);
    if (same) same.share += each.share;
    else if (each.share > 0) found.push({ ...each });
  }
  return found.sort((a, b) => b.share - a.share);
}

function nearest(point: Lab, centres: readonly Lab[]): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < centres.length; i++) {
    const gap = distance(point, centres[i] as Lab);
    if (gap < least) [least, best] = [gap, i];
  }
  return best;
}

function distance(a: Lab, b: Lab): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Convert sRGB bytes to OKLab (B. Ottosson, 2020). */
export function toLab(r: number, g: number, b: number): Lab {
  const [lr, lg, lb] = [r, g, b].map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Lab;
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb);
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb);
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Convert OKLab to "#rrggbb", clipped to what a screen shows. */
export function toHex([L, a, b]: Lab): string {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const bytes = linear.map((value) => {
    const clipped = Math.min(1, Math.max(0, value));
    return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
  });
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
