// What building and testing share: where things are, and how esbuild is asked.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export const here = dirname(fileURLToPath(import.meta.url));

/** Take `x.css` as a string of minified CSS. */
export const inline = {
  name: "inline",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async (args) => {
      const source = await readFile(args.path, "utf8");
      const made = await esbuild.transform(source, { loader: "css", minify: true });
      return { contents: made.code.trim(), loader: "text" };
    });
  },
};

const { version } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
export const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "ascii", // a page may serve the script without saying its encoding
  define: { __VERSION__: JSON.stringify(version) },
  legalComments: "none",
  minify: true,
  target: "es2022",
  plugins: [inline],
  write: false,
};
