// The explorer: a selection of rows, summed by month, beside the line of code that sums them so.
// Rows stand in the page as packed columns; what is shown is added up here from nothing else.
const nktradeData = JSON.parse(document.querySelector("#data").textContent);

const nktradeBounds = new Map();

async function nktradeInflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function nktradeUnpack() {
  const { rows, packed, codes, provinces, bounds } = nktradeData;
  const plane = new Uint8Array(await nktradeInflate(packed));
  for (const [flow, hs, province, period, ...told] of JSON.parse(new TextDecoder().decode(await nktradeInflate(bounds))))
    nktradeBounds.set([flow, hs, province, period].join(), told);
  const at = (n) => plane.subarray(n * rows, (n + 1) * rows);
  const [flow, low, high, province, month] = [at(0), at(1), at(2), at(3), at(4)];
  const value = new Float64Array(rows);
  const code = new Uint16Array(rows);
  for (let n = 0; n < rows; n++) {
    code[n] = low[n] + 256 * high[n];
    for (let byte = 0; byte < 5; byte++) value[n] += plane[(5 + byte) * rows + n] * 256 ** byte;
    if (value[n] === nktradeData.missing) value[n] = NaN; // an unknown part: an unknown sum
  }
  const held = nktradeData.flows.map(() => new Uint8Array(nktradeData.months));
  for (let n = 0; n < rows; n++) held[flow[n]][month[n]] = 1;
  return { flow, code, province, month, value, held, codes, provinces };
}

// Months as "2020-06" and their places.
const nktradeMonth = (at) => {
  const [year, month] = nktradeData.first.split("-").map(Number);
  return `${year + Math.floor((month - 1 + at) / 12)}-${String(((month - 1 + at) % 12) + 1).padStart(2, "0")}`;
};
const nktradePlace = (text) => {
  const [year, month] = text.split("-").map(Number);
  const [first, start] = nktradeData.first.split("-").map(Number);
  return (year - first) * 12 + month - start;
};

// Sums by month; null where the data hold no row of the flow at all.
function nktradeSum(table, { flow, hs, province }) {
  const which = nktradeData.flows.indexOf(flow);
  const fits = table.codes.map((code) => code.startsWith(hs));
  const place = province ? table.provinces.findIndex(([code]) => code === province) : -1;
  const sums = new Float64Array(nktradeData.months);
  for (let n = 0; n < table.value.length; n++)
    if (table.flow[n] === which && fits[table.code[n]] && (place < 0 || table.province[n] === place))
      sums[table.month[n]] += table.value[n];
  return Array.from(sums, (sum, at) => (table.held[which][at] && !Number.isNaN(sum) ? sum : null));
}

function nktradeShow(table, state) {
  const level = nktradeSum(table, state);
  const [from, to] = [nktradePlace(state.from), nktradePlace(state.to)];
  const all = state.show === "share" ? nktradeSum(table, { flow: state.flow, hs: "", province: "" }) : null;
  const of = {
    level: (at) => level[at],
    share: (at) => (level[at] === null || !all[at] ? null : (100 * level[at]) / all[at]),
    change: (at) => (level[at] === null || !level[at - 12] ? null : 100 * (level[at] / level[at - 12] - 1)),
  };
  const bound = (period) => nktradeBounds.get([state.flow, state.hs, state.province, period].join());
  // Two months that were published as one stand at the second: what bounds it bounds both.
  const released = (at) => (nktradeData.combined.includes(nktradeMonth(at)) ? `${nktradeMonth(at - 1)}..${nktradeMonth(at)}` : nktradeMonth(at));
  const rows = [];
  if (state.show === "year") {
    for (let at = from; at + 11 <= to; at++) {
      if (!nktradeMonth(at).endsWith("-01")) continue;
      // A year is known when each of its months is, or was published with the month after it.
      const inside = level.slice(at, at + 12);
      const known = inside.every((value, n) => value !== null || nktradeData.combined.includes(nktradeMonth(at + n + 1)));
      const year = nktradeMonth(at).slice(0, 4);
      rows.push([year, known ? inside.reduce((sum, value) => sum + (value ?? 0), 0) : null, bound(year)]);
    }
  } else {
    for (let at = from; at <= to; at++) {
      rows.push([released(at), of[state.show](at), state.show === "level" ? bound(released(at)) : undefined]);
    }
  }
  return rows.map(([period, value, told]) => ({
    period, value, low: told ? told[0] : null, high: told ? told[1] : null, support: told ? told[2] : "",
  }));
}

// The lines that compute the same; a test runs them.
function nktradeCode(state, rows = []) {
  const where = [`flow="${state.flow}"`, ...(state.hs ? [`hs="${state.hs}"`] : []),
    ...(state.province ? [`province="${state.province}"`] : [])].join(", ");
  const span = `.loc["${state.from}":"${state.to}"]`;
  const sum = 'nk.monthly(rows, coverage=trade).set_index("period")["value"]';
  const unknown = rows.filter(({ value }) => value === null).map(({ period }) => period);
  const less = unknown.length ? `.loc[lambda years: ~years.index.year.isin([${unknown.join(", ")}])]` : "";
  const whole = `nk.monthly(nk.select(trade, flow="${state.flow}")).set_index("period")["value"]`;
  return [
    `trade = ${nktradeData.load}`,
    `rows = nk.select(trade, ${where})`,
    `monthly = ${sum}`,
    {
      level: `monthly${span}`,
      share: `(100 * monthly / ${whole})${span}`,
      change: `(100 * (monthly / monthly.shift(12, freq="MS") - 1)).reindex(monthly.index)${span}`,
      year: `monthly${span}.resample("YS").sum()${less}`,
    }[state.show],
  ].join("\n");
}

// The distance of gridlines: one, two or five of some power of ten, four to eight of them.
function nktradeStep(span) {
  const power = 10 ** Math.floor(Math.log10(span / 4));
  return power * ([5, 2].find((part) => span / 4 >= part * power) ?? 1);
}

const nktradeReady = nktradeUnpack();

nktradeReady.then((table) => {
  const $ = (name) => document.querySelector(`#${name}`);
  const form = $("choose");
  const last = nktradeMonth(nktradeData.months - 1);
  const state = { flow: nktradeData.flows[0], hs: "", province: "", from: nktradeData.first, to: last, show: "level" };
  const units = { level: nktradeData.currency, year: nktradeData.currency, share: "% of the flow", change: "% on the year before" };
  const option = (value, words) => new Option(words, value);
  const named = (code) => (nktradeData.names[code] ? `${code} ${nktradeData.names[code]}` : code);
  const write = (value) => (value === null ? "" : state.show === "share" || state.show === "change" ? value.toFixed(1) : Math.round(value).toLocaleString("en"));

  // The tree of codes: each level lists what the one above it holds.
  const prefixes = (digits, above) => [...new Set(table.codes.filter((code) => code.startsWith(above)).map((code) => code.slice(0, digits)))].sort();
  const tree = [["chapter", 2, 0], ["heading", 4, 2], ["line", nktradeData.digits, 4]].filter(([, digits, over]) => digits > over);
  for (const label of form.querySelectorAll("label:has(select)")) label.hidden = ["heading", "line"].includes(label.lastElementChild.name) && !tree.some(([name]) => name === label.lastElementChild.name);
  const grow = () => {
    for (const [name, digits, over] of tree) {
      const above = state.hs.slice(0, over);
      const open = above.length === over;
      const list = form.elements[name];
      list.replaceChildren(option("", digits === 2 ? "all goods" : "all of it"), ...(open ? prefixes(digits, above) : []).map((code) => option(code, named(code))));
      list.disabled = !open;
      list.value = state.hs.length >= digits ? state.hs.slice(0, digits) : "";
    }
  };

  const tile = (code, name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.code = code;
    button.title = name;
    button.setAttribute("aria-label", name);
    const spot = nktradeData.tiles[code];
    button.textContent = spot ? spot[2] : code;
    if (spot) [button.style.gridRow, button.style.gridColumn] = [spot[0] + 1, spot[1] + 1];
    button.onclick = () => { state.province = state.province === code ? "" : code; draw(); };
    return button;
  };
  $("tiles").append(...table.provinces.map(([code, name]) => tile(code, name)));
  $("tiles").parentElement.hidden = table.provinces.length < 2;

  const svg = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const chart = (rows) => {
    const [width, height, left, bottom] = [$("chart").clientWidth || 640, 280, 64, 24];
    const ends = rows.flatMap((row) => [row.value, ...(row.support === "assumed" ? [] : [row.low, row.high])]).filter((value) => value !== null);
    const most = Math.max(0, ...ends) || 1;
    const unit = nktradeStep(most - Math.min(0, ...ends));
    const [low, high] = [unit * Math.floor(Math.min(0, ...ends) / unit), unit * Math.ceil(most / unit)];
    const x = (n) => left + ((width - left - 12) * (n + 0.5)) / rows.length;
    const y = (value) => 10 + (height - bottom - 10) * (1 - (value - low) / (high - low));
    const shapes = [];
    for (let n = 0; n <= Math.round((high - low) / unit); n++) {
      const value = low + n * unit;
      const [divisor, word] = Math.max(high, -low) >= 1e6 ? [1e6, " m"] : Math.max(high, -low) >= 1e4 ? [1e3, " k"] : [1, ""];
      const words = `${Number((value / divisor).toPrecision(6)).toLocaleString("en")}${word}`;
      shapes.push(svg("line", { x1: left, x2: width, y1: y(value), y2: y(value), class: "grid" }), svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, words));
    }
    const step = Math.ceil(rows.length / Math.max(2, Math.floor(width / 80)) / (rows.length > 24 ? 12 : 1)) * (rows.length > 24 ? 12 : 1);
    rows.forEach((row, n) => { if (n % step === 0) shapes.push(svg("text", { x: x(n), y: height - 6, "text-anchor": "middle" }, row.period)); });
    rows.forEach((row, n) => {
      if (row.support === "bounded") shapes.push(svg("line", { x1: x(n), x2: x(n), y1: y(Math.min(row.high ?? high, high)), y2: y(row.low), class: "band" }));
    });
    const fixed = ({ support }) => nktradeData.unknown === "recorded" || ["recorded", "printed"].includes(support);
    const lines = { line: "", "line loose": "" }; // whole between months that are fixed, else broken
    rows.slice(1).forEach((row, n) => {
      if (row.value === null || rows[n].value === null) return;
      lines[fixed(row) && fixed(rows[n]) ? "line" : "line loose"] += `M${x(n).toFixed(1)},${y(rows[n].value).toFixed(1)}L${x(n + 1).toFixed(1)},${y(row.value).toFixed(1)}`;
    });
    for (const [look, d] of Object.entries(lines)) shapes.push(svg("path", { d, class: look }));
    rows.forEach((row, n) => { if (row.value !== null && (rows.length < 30 || row.support === "printed")) shapes.push(svg("circle", { cx: x(n), cy: y(row.value), r: 3, class: row.support || "panel" })); });
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${$("what").textContent}: ${rows.length} points` });
    picture.append(...shapes);
    $("chart").replaceChildren(picture);
  };

  function draw() {
    grow();
    for (const name of ["flow", "from", "to", "show"]) form.elements[name].value = state[name];
    if (nktradePlace(state.from) > nktradePlace(state.to)) state.to = form.elements.to.value = state.from;
    const rows = nktradeShow(table, state);
    const where = state.province ? table.provinces.find(([code]) => code === state.province)[1] : "all provinces";
    $("what").textContent = `${form.elements.flow.selectedOptions[0].text} of ${state.hs ? named(state.hs) : "all goods"}, ${where}, ${units[state.show]}`;
    chart(rows);
    const cells = (row, words) => words.forEach(([word, kind]) => { const cell = document.createElement("td"); cell.textContent = word; cell.className = kind; row.append(cell); });
    $("rows").replaceChildren(...rows.map((row) => {
      const line = document.createElement("tr");
      const support = row.support || (state.show === "level" || state.show === "year" ? nktradeData.unknown : "");
      cells(line, [[row.period, ""], [write(row.value), "num"], [write(row.low), "num"], [row.low !== null && row.high === null ? "no limit" : write(row.high), "num"], [support, "support"]]);
      return line;
    }));
    $("code").textContent = nktradeCode(state, state.show === "year" ? rows : []);
    // How much of it each province has over the months shown.
    const [from, to] = [nktradePlace(state.from), nktradePlace(state.to)];
    const parts = table.provinces.map(([province]) => nktradeSum(table, { ...state, province }).slice(from, to + 1).reduce((sum, value) => sum + (value ?? 0), 0));
    const whole = parts.reduce((sum, value) => sum + value, 0);
    $("tiles").querySelectorAll("button").forEach((button, n) => {
      const share = whole ? parts[n] / whole : 0;
      button.style.setProperty("--share", `${Math.round(Math.sqrt(share) * 70)}%`);
      button.setAttribute("aria-pressed", button.dataset.code === state.province);
      button.title = `${table.provinces[n][1]}: ${(100 * share).toFixed(1)} %`;
    });
    history.replaceState(null, "", `#${new URLSearchParams(state)}`);
  }

  form.addEventListener("input", (event) => {
    const { name, value } = event.target;
    const depth = { chapter: 0, heading: 2, line: 4 };
    if (name in depth) state.hs = value || state.hs.slice(0, depth[name]);
    else state[name] = value;
    draw();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const read = () => {
    const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    const month = (text) => /^\d{4}-\d{2}$/.test(text) && nktradePlace(text) >= 0 && nktradePlace(text) < nktradeData.months;
    if (nktradeData.flows.includes(asked.flow)) state.flow = asked.flow;
    if (/^\d*$/.test(asked.hs ?? "x") && [0, ...tree.map(([, digits]) => digits)].includes(asked.hs.length) && (!asked.hs || table.codes.some((code) => code.startsWith(asked.hs)))) state.hs = asked.hs;
    if (table.provinces.some(([code]) => code === asked.province) || asked.province === "") state.province = asked.province;
    if (month(asked.from ?? "")) state.from = asked.from;
    if (month(asked.to ?? "")) state.to = asked.to;
    if (asked.show in units) state.show = asked.show;
    draw();
  };
  const months = Array.from({ length: nktradeData.months }, (_, at) => nktradeMonth(at));
  for (const name of ["from", "to"]) form.elements[name].replaceChildren(...months.map((month) => option(month, month)));
  addEventListener("hashchange", read);
  addEventListener("resize", () => chart(nktradeShow(table, state)));
  read();
  document.querySelector("#waiting").remove();
});
