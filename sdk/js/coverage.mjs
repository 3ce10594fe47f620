// Which lines of `src` the tests ran, by what V8 counted in the built ones and their source maps.
import { readdir, readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Of the lines of all other modules. */
const LEAST = 0.93;

/**
 * What a double would only pretend to do, by why. Chromium runs these in tests/e2e; their lines are not
 * counted.
 */
const IN_A_BROWSER = {
  "elements, put together of their parts": /^(sketch|camera|tryon|head)\/(element|studio|canvas|live_result)\.ts$/,
  "a canvas's pixels":
    /^sketch\/(paint|paper|result|mask|base)\.ts$|^media\/masks\.ts$|^tryon\/stage\/(picture|stage)\.ts$|^head\/(portrait\/portrait|stage\/stage)\.ts$/,
  "the browser's database and its storage": /^sketch\/(store|leftovers|keeping)\.ts$/,
  "devices, decoders and the audio clock, put together":
    /^client\/player\.ts$|^ui\/live\.ts$|^tryon\/filming\.ts$|^(ui\/(filming|recording)|camera\/(soundtrack|taking|previews)|head\/voice\/voice)\.ts$|^media\/soundfile\.ts$/,
  "components, which React puts into a page (tests/sdk/npm)": /^react\//,
  "the browser itself": /^client\/platform\.ts$/,
  "WebRTC, and frames that become a track": /^client\/(peer_socket|peer_tracks|remote)\.ts$|^media\/camera_track\.ts$/,
};
const counts = (source) => !Object.values(IN_A_BROWSER).some((names) => names.test(source));

/** Return the places of a text's lines: the offset of each one's first sign that is no space. */
function lines(text) {
  let at = 0;
  return text.split("\n").map((line, row) => {
    const column = line.search(/\S/);
    const place = column < 0 ? null : { row, column, offset: at + column };
    at += line.length + 1;
    return place;
  });
}

/** Return how often V8 saw an offset run: the innermost of its ranges says so. */
function counted(functions) {
  const ranges = functions.flatMap((each) => each.ranges);
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  return (offset) => {
    let count = 0;
    for (const range of ranges) {
      if (range.startOffset > offset) break;
      if (offset < range.endOffset) count = range.count;
    }
    return count;
  };
}

/** Return, for each built file, whether any process ran each of its lines. */
async function ran(reports, out) {
  const files = new Map();
  for (const name of await readdir(reports)) {
    const { result } = JSON.parse(await readFile(join(reports, name), "utf8"));
    for (const { url, functions } of result) {
      if (!url.startsWith("file:")) continue;
      const path = fileURLToPath(url);
      if (relative(out, path).startsWith("..")) continue;
      if (!files.has(path)) {
        const places = lines(await readFile(path, "utf8"));
        files.set(path, { places, ran: places.map(() => false) });
      }
      const file = files.get(path);
      const count = counted(functions);
      file.places.forEach((place, i) => {
        if (place && !file.ran[i]) file.ran[i] = count(place.offset) > 0;
      });
    }
  }
  return files;
}

/** Return the lines of each source: true where all that was built of one ran. */
async function ofSources(files, src) {
  const sources = new Map();
  for (const [path, { places, ran }] of files) {
    const map = new SourceMap(JSON.parse(await readFile(`${path}.map`, "utf8")));
    for (const place of places) {
      const entry = place && map.findEntry(place.row, place.column);
      if (!entry?.originalSource) continue;
      const source = relative(src, resolve(dirname(path), entry.originalSource));
      if (source.startsWith("..") || !source.endsWith(".ts")) continue;
      const known = sources.get(source) ?? new Map();
      sources.set(source, known);
      known.set(entry.originalLine, (known.get(entry.originalLine) ?? true) && ran[place.row]);
    }
  }
  return sources;
}

/** Print what is missing; tell whether enough lines ran. */
export async function judge(reports, out, src) {
  const sources = await ofSources(await ran(reports, out), src);
  let [all, done] = [0, 0];
  for (const [source, known] of [...sources].sort()) {
    if (!counts(source)) continue;
    const missing = [...known].filter(([, whole]) => !whole).map(([line]) => line + 1);
    all += known.size;
    done += known.size - missing.length;
    if (missing.length) console.log(`${source}: not ${missing.sort((a, b) => a - b).join(" ")}`);
  }
  for (const [why, names] of Object.entries(IN_A_BROWSER)) {
    const theirs = [...sources].filter(([source]) => names.test(source));
    console.log(`${theirs.length} modules run in a browser alone: ${why}`);
  }
  console.log(`${((100 * done) / all).toFixed(1)} % of ${all} lines of the others`);
  return done / all >= LEAST;
}
