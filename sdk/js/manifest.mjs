// The custom-elements manifest, by which editors know the elements: from the sources' own types and comments.
import { join } from "node:path";
import ts from "typescript";
import { here } from "./bundling.mjs";

/** The elements, by the module that gives each. */
const ELEMENTS = {
  "index.ts": ["livedraft-sketch", "LivedraftSketch", "SketchEvents"],
  "camera.ts": ["livedraft-camera", "LivedraftCamera", "CameraEvents"],
  "tryon.ts": ["livedraft-tryon", "LivedraftTryon", "TryonEvents"],
  "head.ts": ["livedraft-head", "LivedraftHead", "HeadEvents"],
};
// A browser calls these.
const CALLBACKS = /(Callback|^focus)$/;

/** Return the manifest; `built` says in which file a module of `src/` is shipped. */
export function manifest(built) {
  const { config } = ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, here);
  const entries = Object.keys(ELEMENTS).map((name) => join(here, "src", name));
  const values = join(here, "src/ui/attributes.ts");
  const program = ts.createProgram([...entries, values], options);
  const checker = program.getTypeChecker();
  const types = checker.getDeclaredTypeOfSymbol(exportsOf(program, checker, values).get("AttributeValues"));
  const modules = Object.entries(ELEMENTS).map(([name, [tag, className, eventsName]]) => {
    const found = exportsOf(program, checker, join(here, "src", name));
    const made = checker.getDeclaredTypeOfSymbol(found.get(className));
    const [declared] = made.symbol.declarations;
    const statics = checker.getTypeOfSymbolAtLocation(made.symbol, declared);
    const names = checker.getTypeArguments(checker.getTypeOfSymbol(statics.getProperty("observedAttributes")));
    return {
      kind: "javascript-module",
      path: built(name),
      declarations: [
        {
          kind: "class",
          customElement: true,
          name: className,
          tagName: tag,
          description: said(program.getSourceFile(declared.getSourceFile().fileName)),
          attributes: names.map(({ value }) => attribute(checker, value, types)),
          members: members(checker, made),
          events: checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(found.get(eventsName))).map((event) => ({
            name: event.name,
            description: comment(checker, event),
            type: { text: `CustomEvent<${written(checker, checker.getTypeOfSymbol(event))}>` },
          })),
        },
      ],
      exports: [
        { kind: "js", name: className, declaration: { name: className } },
        { kind: "custom-element-definition", name: tag, declaration: { name: className } },
      ],
    };
  });
  return { schemaVersion: "2.1.0", readme: "README.md", modules };
}

function exportsOf(program, checker, path) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path));
  return new Map(
    checker.getExportsOfModule(module).map((each) => {
      return [each.name, each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each];
    }),
  );
}

function attribute(checker, name, types) {
  const value = types.getProperty(name);
  const text = value ? written(checker, checker.getTypeOfSymbol(value)) : "string";
  const fieldName = name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return { name, type: { text }, fieldName };
}

/** What a page may use of an element: what is public, and the element's own. */
function members(checker, made) {
  return checker
    .getPropertiesOfType(made)
    .filter((each) => each.declarations.every(own) && !CALLBACKS.test(each.name) && !each.name.startsWith("#"))
    .map((each) => {
      const type = checker.getTypeOfSymbol(each);
      const [signature] = type.getCallSignatures();
      const about = { name: each.name, description: comment(checker, each), privacy: "public" };
      if (!signature || !(each.flags & ts.SymbolFlags.Method)) {
        const readonly = !(each.flags & ts.SymbolFlags.SetAccessor);
        return { kind: "field", ...about, type: { text: written(checker, type) }, readonly };
      }
      const parameters = signature.parameters.map((parameter) => {
        const [{ questionToken, initializer }] = parameter.declarations;
        const optional = Boolean(questionToken ?? initializer);
        return { name: parameter.name, type: { text: written(checker, checker.getTypeOfSymbol(parameter)) }, optional };
      });
      return {
        kind: "method",
        ...about,
        parameters,
        return: { type: { text: written(checker, signature.getReturnType()) } },
      };
    });
}

function own(declaration) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const { fileName } = declaration.getSourceFile();
  return fileName.startsWith(join(here, "src")) && !(ts.getCombinedModifierFlags(declaration) & hidden);
}

function written(checker, type) {
  return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
}

function comment(checker, symbol) {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, " ");
}

/** Return a file's first line, which says what it is for. */
function said(file) {
  return /\/\*\* (?:`[^`]*`: )?(.*?) \*\//.exec(file.text)?.[1] ?? "";
}
