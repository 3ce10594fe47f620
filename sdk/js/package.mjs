// What the npm package has beside the bundles: components for React, the elements' manifest, package.json.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import ts from "typescript";
import { common, here } from "./bundling.mjs";
import { manifest } from "./manifest.mjs";

/** What the modules of `src/` are called as they are shipped. */
const BUILT = { index: "livedraft", camera: "livedraft-camera", tryon: "livedraft-tryon", head: "livedraft-head" };
const DIRECTIVE = '"use client";\n'; // for frameworks that render on a server

/** Return the texts of the files, by their names in the Python package's `elements`. */
export async function packed() {
  const own = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  const { scripts: _scripts, devDependencies: _dev, private: _private, ...shipped } = own;
  const all = manifest((module) => `dist/${BUILT[module.replace(".ts", "")]}.mjs`);
  return {
    ...(await react()),
    "npm/package.json": json(shipped),
    "npm/custom-elements.json": json(all),
    "npm/README.md": await readFile(join(here, "README.md"), "utf8"),
    "npm/LICENSE": await readFile(join(here, "../../LICENSE"), "utf8"),
  };
}

/** Return the components: each file by itself, so that a bundler takes the elements that a page has, and no others. */
async function react() {
  const folder = join(here, "src/react");
  const names = (await readdir(folder)).map((name) => name.replace(".ts", ""));
  const files = {};
  for (const name of names) {
    const source = await readFile(join(folder, `${name}.ts`), "utf8");
    const made = await esbuild.build({
      ...common,
      entryPoints: [`src/react/${name}.ts`],
      external: ["react"],
      format: "esm",
      minify: false,
      plugins: [shipped],
    });
    files[`react/${name}.mjs`] = DIRECTIVE + made.outputFiles[0].text;
    const { outputText } = ts.transpileDeclaration(source, { compilerOptions: { target: "es2022", module: "esnext" } });
    files[`react/${name}.d.mts`] = outputText.replace(/(from ")([^"]+)\.ts(")/g, (_, from, path, end) => {
      return from + place(path) + end;
    });
  }
  return files;
}

/** Leave the elements' modules and each other's to be imported where they are shipped. */
const shipped = {
  name: "shipped",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/\w+\.ts$/ }, ({ path }) => ({
      path: place(path.replace(".ts", "")),
      external: true,
    }));
  },
};

function place(module) {
  const [, folder, name] = /^(\.\.?\/)(\w+)$/.exec(module);
  return `${folder}${folder === "../" ? BUILT[name] : name}.mjs`;
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
