// A lesson's page: cells that run in an engine, which is a worker (engine/engine.js).
const state = document.querySelector("#state");
const cells = [...document.querySelectorAll("section.code")];
let engine, waiting;

function tell(words, kind) {
  state.textContent = words;
  document.body.dataset.state = kind;
}

function start() {
  const began = performance.now();
  engine?.terminate();
  waiting = new Map();
  tell("Python is being fetched…", "starting");
  engine = new Worker("engine/engine.js", { type: "module" });
  engine.onerror = ({ message }) => tell(`Python cannot start here: ${message}`, "broken");
  engine.onmessage = ({ data }) => {
    if (data.say) tell(data.say, "starting");
    if (data.ready) tell(`Python is ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`, "ready");
    if (data.broken) tell(`Python stopped: ${data.broken}. Start it anew.`, "broken");
    if (data.outputs) waiting.get(data.id)?.(data.outputs);
  };
}

function keep(key, value) {
  try { // a browser may allow no memory
    if (value === undefined) return localStorage.getItem(key);
    localStorage.setItem(key, value);
  } catch { return null; }
}

function show({ data, text, traceback }) {
  const box = document.createElement(data ? "div" : "pre");
  if (!data) {
    box.className = traceback ? "error" : "";
    box.textContent = text ?? traceback.join("\n");
    return box;
  }
  const said = data["text/plain"] ?? "", rich = data["text/html"] ?? data["image/svg+xml"];
  if (rich) box.innerHTML = [rich].flat().join("");
  else if (data["image/png"]) box.append(Object.assign(new Image(), { src: `data:image/png;base64,${data["image/png"]}`, alt: said }));
  else box.append(Object.assign(document.createElement("pre"), { textContent: said }));
  for (const drawn of box.querySelectorAll("svg")) {
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", said || "chart");
  }
  for (const head of box.querySelectorAll("th:empty")) head.replaceWith(document.createElement("td"));
  return box;
}

async function run(cell) {
  const number = cells.indexOf(cell), out = cell.querySelector("output");
  out.textContent = "…";
  const outputs = await new Promise((done) => {
    waiting.set(number, done);
    engine.postMessage({ id: number, source: cell.querySelector("textarea").value });
  });
  out.replaceChildren(...outputs.map(show));
  if (out.scrollWidth > out.clientWidth) out.tabIndex = 0; // to be scrolled by keys, too
  else out.removeAttribute("tabindex");
  cell.dataset.done = "yes";
}

async function runTo(last) {
  for (const cell of cells.slice(0, last + 1)) if (cell.dataset.done !== "yes") await run(cell);
}

cells.forEach((cell, number) => {
  const source = cell.querySelector("textarea"), key = `${location.pathname} ${number}`;
  const written = source.value;
  const fit = () => { source.rows = source.value.split("\n").length; };
  source.value = keep(key) ?? written;
  fit();
  source.oninput = () => { fit(); cell.dataset.done = ""; keep(key, source.value); };
  source.onkeydown = (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    event.preventDefault();
    cell.querySelector(".run").click();
    cells[number + 1]?.querySelector("textarea").focus();
  };
  cell.querySelector(".run").onclick = async () => { await runTo(number - 1); await run(cell); };
  cell.querySelector(".undo").onclick = () => { source.value = written; source.oninput(); };
});

function forget() {
  for (const cell of cells) { cell.dataset.done = ""; cell.querySelector("output").textContent = ""; }
  document.body.dataset.all = "";
}

document.querySelector("#all").onclick = async () => { forget(); await runTo(cells.length); document.body.dataset.all = "yes"; };
document.querySelector("#again").onclick = () => { forget(); start(); };
start();
