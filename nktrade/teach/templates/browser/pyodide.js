// Pyodide: told {id, source}, it tells what wasi.js tells. Its packages lie beside it.
import { loadPyodide } from "./pyodide.mjs";

const NEEDED = ["numpy", "pandas", "scipy", "statsmodels", "matplotlib", "jinja2", "pyyaml"];
let pyodide;

async function start() {
  postMessage({ say: "Python is being fetched…" });
  const here = new URL(".", import.meta.url).href;
  pyodide = await loadPyodide({ indexURL: here, packageBaseUrl: here });
  postMessage({ say: "Python is starting…" });
  const files = await (await fetch("files.tar.bin")).arrayBuffer();
  pyodide.unpackArchive(files, "gztar", { extractDir: "/files" });
  await pyodide.loadPackage(NEEDED, { messageCallback: () => {}, errorCallback: () => {} });
  const lacking = NEEDED.filter((name) => !(name in pyodide.loadedPackages));
  if (lacking.length) throw new Error(`engine/ lacks Pyodide's packages ${lacking.join(", ")}`);
  pyodide.runPython("import sys; sys.path.insert(0, '/files/nk'); import pandas");
  pyodide.runPython("from nktrade.teach.session import Session; session = Session()");
}

const started = start().then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ broken: error.message }),
);

onmessage = async ({ data: { id, source } }) => {
  await started;
  pyodide.globals.set("source", source);
  postMessage({ id, outputs: JSON.parse(pyodide.runPython("session.run_json(source)")) });
};
