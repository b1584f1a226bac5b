// CPython for WASI, which is experimental: one interpreter in a worker, its files in memory.
// Told {id, source}, it tells {say} while it starts, {ready}, {id, outputs}, or {broken}.
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from "./shim/index.js";

const text = new TextDecoder(), bytes = new TextEncoder();
const tmp = new Map();
let exports, said = "";

function unpack(name) {
  return fetch(name).then((answer) => {
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return new Response(answer.body.pipeThrough(new DecompressionStream("gzip")), {
      headers: { "Content-Type": "application/wasm" },
    });
  });
}

function untar(tar) {
  const root = new Map();
  const read = (from, to) => text.decode(tar.subarray(from, to)).split("\0")[0];
  for (let at = 0; tar[at]; ) {
    const places = read(at, at + 100).split("/"), size = parseInt(read(at + 124, at + 136), 8);
    let folder = root;
    for (const place of places.slice(0, -1)) {
      if (!folder.has(place)) folder.set(place, new Directory(new Map()));
      folder = folder.get(place).contents;
    }
    folder.set(places.at(-1), new File(tar.subarray(at + 512, at + 512 + size)));
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return root;
}

function turn(source) {
  const code = bytes.encode(source), place = exports.host_alloc(code.length);
  new Uint8Array(exports.memory.buffer, place, code.length).set(code);
  said = "";
  if (exports.turn(place, code.length)) throw new Error(said);
}

async function start() {
  postMessage({ say: "Python is being fetched…" });
  const [program, library, files] = await Promise.all([
    unpack("python.wasm.bin").then((answer) => WebAssembly.compileStreaming(answer)),
    unpack("library.zip.bin").then((answer) => answer.arrayBuffer()),
    unpack("files.tar.bin").then((answer) => answer.arrayBuffer()),
  ]);
  postMessage({ say: "Python is starting…" });
  const tree = untar(new Uint8Array(files));
  const home = "/usr/local/lib", zip = "python315.zip";
  const log = (told) => { said += text.decode(told); };
  const wasi = new WASI(
    ["/usr/local/bin/python.wasm"],
    ["TMPDIR=/tmp", "HOME=/tmp", "MPLCONFIGDIR=/tmp", "MPLBACKEND=agg", "PYTHONTZPATH="],
    [
      new OpenFile(new File([])), new ConsoleStdout(log), new ConsoleStdout(log),
      new PreopenDirectory(home, new Map([[zip, new File(library, { readonly: true })]])),
      new PreopenDirectory(`${home}/${zip}/matplotlib/mpl-data`, tree.get("mpl-data").contents),
      new PreopenDirectory("/", new Map([["tmp", new Directory(tmp)], ["nk", tree.get("nk")]])),
    ],
    { debug: false },
  );
  const lacking = { get: (given, name) => given[name] ?? (() => 52) }; // 52: not supported
  const instance = await WebAssembly.instantiate(program, {
    wasi_snapshot_preview1: new Proxy(wasi.wasiImport, lacking),
    host: { call: () => -1 },
  });
  exports = (wasi.inst = instance).exports;
  exports._initialize?.();
  turn("import logging, sys\nlogging.getLogger('matplotlib').setLevel('ERROR')  # of its missing cache\nsys.path.insert(0, '/nk')\nimport pandas\nfrom nktrade.teach.session import Session\nsession = Session()");
}

const started = start().then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ broken: String(error) }),
);

onmessage = async ({ data: { id, source } }) => {
  await started;
  try {
    tmp.set("cell", new File(bytes.encode(source)));
    turn("with open('/tmp/cell') as c, open('/tmp/told', 'wb') as t:\n    _ = t.write(session.run_json(c.read()).encode())");
    postMessage({ id, outputs: JSON.parse(text.decode(tmp.get("told").data)) });
  } catch (error) {
    postMessage({ broken: String(error) });
  }
};
