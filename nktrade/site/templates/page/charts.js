// Under each chart: its values as CSV, the drawing, a picture of it, its address; over it, by mouse
// or arrow keys, the values of one month.
const nktradeWrite = (...values) => {
  const [value, low, high] = values.map((one) => Number(one).toLocaleString("en", { maximumSignificantDigits: 4 }));
  return high === undefined ? value : `${low} to ${high}, here ${value}`;
};

for (const figure of document.querySelectorAll("figure:has(> .values)")) {
  const { width, height, series } = JSON.parse(figure.querySelector(".values").textContent);
  const drawing = figure.querySelector(".drawing");
  const svg = drawing.querySelector("svg");
  const caption = figure.querySelector("figcaption");
  const source = () => new XMLSerializer().serializeToString(svg);
  const actions = {
    CSV: () => nktradeSave(nktradeName(`${figure.id}.csv`), ["panel,series,at,value,low,high", ...series.flatMap((one) => one.points.map(
      ([, , at, value, low = value, high = value]) => [one.panel, one.name, at, value, low, high].map(cell).join(",")))].join("\n"), "text/csv", "csv"),
    SVG: () => nktradeSave(nktradeName(`${figure.id}.svg`), source(), "image/svg+xml"),
    PNG: () => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [width * 3, height * 3];
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => nktradeSave(nktradeName(`${figure.id}.png`), blob));
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source())}`;
    },
  };
  const bar = document.createElement("p");
  bar.className = "take";
  for (const [label, action] of Object.entries(actions)) {
    if (label === "CSV" && !series.length) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-label", `${label} of ${figure.id.replace("-", " ")}`);
    button.onclick = action;
    bar.append(button);
  }
  const link = document.createElement("a");
  link.href = `#${figure.id}`;
  link.textContent = "link";
  bar.append(link);
  caption.append(bar);

  // Series by name, to be switched off and on: in the wide and in the narrow drawing.
  const names = [...new Set(series.map((one) => one.name).filter(Boolean))];
  if (names.length > 1) {
    const switches = document.createElement("p");
    switches.className = "take";
    for (const name of names) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.setAttribute("aria-pressed", "true");
      button.onclick = () => {
        const shown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", shown);
        for (const one of series.filter((other) => other.name === name))
          for (const part of figure.querySelectorAll(`[id*="-${one.id}-"]`)) part.style.display = shown ? "" : "none";
      };
      switches.append(button);
    }
    bar.after(switches);
  }

  if (!series.length) continue;
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  const rule = document.createElementNS("http://www.w3.org/2000/svg", "line");
  rule.setAttribute("class", "rule");
  rule.setAttribute("y1", 0);
  rule.setAttribute("y2", height);
  const stops = [...new Set(series.flatMap((one) => one.points.map(([x]) => x)))].sort((a, b) => a - b);
  let stop = -1;
  const show = (at) => {
    stop = Math.max(0, Math.min(stops.length - 1, at));
    const x = stops[stop];
    rule.setAttribute("x1", x);
    rule.setAttribute("x2", x);
    if (!rule.isConnected) svg.append(rule);
    const here = series.flatMap((one) => one.points.filter(([px]) => px === x)
      .map(([, , said, ...values]) => [said, one.name || one.panel, nktradeWrite(...values)]));
    told.textContent = `${here[0][0]}: ${here.map(([, who, value]) => `${who} ${value}`).join("; ")}`;
  };
  drawing.tabIndex = 0;
  drawing.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    show(stops.reduce((best, at, n) => (Math.abs(at - x) < Math.abs(stops[best] - x) ? n : best), 0));
  });
  drawing.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move) { event.preventDefault(); show(stop < 0 ? 0 : stop + move); }
  });
  drawing.addEventListener("pointerleave", () => { rule.remove(); });
  drawing.after(told);
}
