// Bundles the console into functions/console/static/, which its function serves.
import { build } from "esbuild";

await build({
  entryPoints: { console: "src/main.tsx" },
  outdir: "../functions/console/static",
  absWorkingDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: "/* Includes FullCalendar and Preact, both under the MIT licence. */" },
  logLevel: "warning",
});
