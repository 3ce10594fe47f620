// Build the bundles, their types and the page into the Python package; with --check, compare them.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { generateDtsBundle } from "dts-bundle-generator";
import * as esbuild from "esbuild";
import { common, here } from "./bundling.mjs";
import { packed } from "./package.mjs";

const elements = join(here, "../livedraft/elements");
const examples = join(here, "../../demos/live_drawing/examples");

/** Return a bundle of one of `src/`, as a script (iife) or as a module (esm). */
async function bundle(entry, format, globalName) {
  const script = format === "esm" ? "import.meta.url" : '(globalThis.document?.currentScript?.src ?? "")';
  const made = await esbuild.build({
    ...common,
    banner: { js: "// livedraft, Apache-2.0. Built from sdk/js; do not edit." },
    define: { ...common.define, __SCRIPT__: '"%SCRIPT%"' },
    entryPoints: [`src/${entry}`],
    format,
    ...(globalName ? { globalName } : {}),
  });
  const text = made.outputFiles[0].text.replaceAll('"%SCRIPT%"', script);
  if (/<\/script|<!--/i.test(text)) throw new Error("the bundle would end an inline <script>");
  return text;
}

/** Return a module's types in one file, so that an editor finds them beside it. */
function types(entry) {
  const source = {
    filePath: join(here, "src", entry),
    output: { noBanner: true, inlineDeclareGlobals: true },
  };
  const [text] = generateDtsBundle([source], { preferredConfigPath: join(here, "tsconfig.json") });
  return `// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.\n${text}`;
}

/** Return the server's page with the demo's drawings in it, so that it shows them without a request. */
async function page() {
  const names = (await readdir(examples)).filter((name) => name.endsWith(".json")).sort();
  const all = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(examples, name), "utf8"))));
  const html = await readFile(join(elements, "page.html"), "utf8");
  const data = JSON.stringify(all).replaceAll("<", "\\u003c");
  return html.replace(/(<script id="examples"[^>]*>)[^<]*/, (_, tag) => tag + data);
}

async function write(check) {
  const files = {
    "livedraft.js": await bundle("index.ts", "iife", "livedraft"),
    "livedraft.mjs": await bundle("index.ts", "esm"),
    "livedraft.d.mts": types("index.ts"),
    "livedraft-camera.js": await bundle("camera.ts", "iife", "livedraftCamera"),
    "livedraft-camera.mjs": await bundle("camera.ts", "esm"),
    "livedraft-camera.d.mts": types("camera.ts"),
    "livedraft-tryon.js": await bundle("tryon.ts", "iife", "livedraftTryon"),
    "livedraft-tryon.mjs": await bundle("tryon.ts", "esm"),
    "livedraft-tryon.d.mts": types("tryon.ts"),
    "livedraft-head.js": await bundle("head.ts", "iife", "livedraftHead"),
    "livedraft-head.mjs": await bundle("head.ts", "esm"),
    "livedraft-head.d.mts": types("head.ts"),
    "livedraft-microphone.js": await bundle("media/worklet.ts", "iife"),
    "page.html": await page(),
    ...(await packed()),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(elements, name);
    const sizes = `${text.length} B, gz ${gzipSync(text).length} B`;
    if (!check) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
      console.error(`${name} is not what the sources build: run 'npm run build'`);
      process.exitCode = 1;
    }
    console.log(`${name}: ${sizes}`);
  }
}

await write(process.argv.includes("--check"));
