// Under each table: its cells as CSV. Over it: headers that sort, by click and by keyboard.
function nktradeSave(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// A cell that a spreadsheet could take for a formula is kept from being one.
function nktradeCell(text) {
  return `"${String(text).replace(/^[=+@\t\r]|^-(?!\d)/, "'$&").replaceAll('"', '""')}"`;
}

function nktradeName(part) {
  return `${document.title.replace(/[^\p{L}\p{N}]+/gu, "_")}_${part}`;
}

for (const [number, table] of [...document.querySelectorAll(".table table")].entries()) {
  const heads = table.tHead?.rows ?? [];
  const body = table.tBodies[0];
  if (!body?.rows.length) continue;
  const read = (cell) => cell.textContent.trim().replace(/\s+/g, " ");

  // A cell that spans fills each place that it covers.
  const cells = () => {
    const grid = [];
    [...table.rows].forEach((row, down) => {
      grid[down] ??= [];
      for (const cell of row.cells) {
        let across = 0;
        while (grid[down][across] !== undefined) across++;
        for (let y = 0; y < cell.rowSpan; y++)
          for (let x = 0; x < cell.colSpan; x++) (grid[down + y] ??= [])[across + x] = read(cell);
      }
    });
    return grid.slice(0, table.rows.length);
  };
  const take = document.createElement("p");
  take.className = "take";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "CSV";
  button.setAttribute("aria-label", `CSV of table ${number + 1}`);
  button.onclick = () => nktradeSave(nktradeName(`table-${number + 1}.csv`),
    cells().map((row) => row.map(nktradeCell).join(",")).join("\n"), "text/csv");
  take.append(button);
  table.after(take);

  // Rows that share a cell have no order of their own, and on a telephone the headers are not seen.
  const rows = [...body.rows];
  const shared = rows.some((row) => [...row.cells].some((cell) => cell.rowSpan > 1 || cell.colSpan > 1));
  const head = heads[heads.length - 1];
  if (shared || rows.length < 2 || !head || matchMedia("(max-width: 40rem)").matches) continue;
  if ([...head.cells].some((cell) => cell.colSpan > 1) || head.cells.length !== rows[0].cells.length) continue;
  const amount = (text) => {
    const number = text.replace(/,/g, "").replace(/−/g, "-").match(/-?\d+(\.\d+)?(e[+-]?\d+)?/i);
    return number ? Number(number[0]) : NaN;
  };
  [...head.cells].forEach((cell, column) => {
    const words = read(cell);
    if (!words) return;
    const sort = document.createElement("button");
    sort.type = "button";
    sort.className = "sort";
    sort.append(...cell.childNodes);
    cell.append(sort);
    sort.onclick = () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of head.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = cell.classList.contains("num");
      const keyed = [...body.rows].map((row) => {
        const text = read(row.cells[column]);
        return { row, text, value: numeric ? amount(text) : text, empty: !text || (numeric && isNaN(amount(text))) };
      });
      keyed.sort((a, b) => {
        if (a.empty || b.empty) return a.empty - b.empty; // what is not known stands last
        const order = numeric ? a.value - b.value : a.text.localeCompare(b.text, "en", { numeric: true });
        return down ? -order : order;
      });
      body.append(...keyed.map(({ row }) => row));
    };
  });
}
