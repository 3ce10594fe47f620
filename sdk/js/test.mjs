// Run the tests whose names hold one of the arguments, or all; then tell the lines of `src` that none ran.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { common, here } from "./bundling.mjs";
import { judge } from "./coverage.mjs";

const out = join(here, "build");
const reports = join(out, "coverage");
const asked = process.argv.slice(2);

async function within(folder, ending) {
  const all = await readdir(join(here, folder), { recursive: true });
  return all.filter((name) => name.endsWith(ending) && !name.endsWith(".d.ts")).map((name) => `${folder}/${name}`);
}

const tests = (await within("test", ".test.ts")).filter(
  (name) => !asked.length || asked.some((each) => name.includes(each)),
);
await rm(out, { recursive: true, force: true });
await esbuild.build({
  ...common,
  define: { ...common.define, __SCRIPT__: '""' },
  // Each module is an entry, and whole: what a test does not touch still counts as a line that nothing ran.
  entryPoints: [...(await within("src", ".ts")), ...tests],
  treeShaking: false,
  splitting: true,
  write: true,
  minify: false,
  sourcemap: true,
  platform: "node",
  format: "esm",
  outdir: out,
  outExtension: { ".js": ".mjs" },
});
const built = tests.sort().map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
const reporter = asked.length ? "spec" : "dot";
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", `--test-reporter=${reporter}`, ...built],
  {
    stdio: "inherit",
    cwd: here,
    env: { ...process.env, NODE_V8_COVERAGE: reports },
  },
);
process.exitCode = status;
if (!asked.length && status === 0 && !(await judge(reports, out, join(here, "src")))) process.exitCode = 1;
