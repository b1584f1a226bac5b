// Filters over the rows, and what a row opens to: taken from the page's data when it is first opened.
{
  const form = document.querySelector("#choose");
  const kept = JSON.parse(document.querySelector("#kept").textContent);
  const told = document.querySelector("#told");
  const rows = [...document.querySelectorAll("#rows > details")].map((row, at) => {
    const [document_, good, year, pages, ...details] = kept.rows[at];
    return {
      row, details,
      pages: pages.map((page) => kept.pages[page]),
      is: {
        document: [kept.documents[document_]],
        good: [kept.goods[good]],
        year: [year],
        page: pages.map((page) => kept.pages[page][0]),
        verdict: [row.querySelector("em")?.textContent ?? ""],
      },
      text: `${row.id} ${row.textContent} ${kept.goods[good] ?? ""} ${details[0]}`.toLowerCase(),
    };
  });

  const choose = () => {
    const { words, ...asked } = Object.fromEntries(new FormData(form));
    const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { row, is, text } of rows) {
      const fits = Object.entries(asked).every(([name, value]) => !value || is[name].includes(value))
        && parts.every((part) => text.includes(part));
      row.hidden = !fits;
      count += fits;
    }
    told.textContent = `${count} figure${count === 1 ? "" : "s"}`;
  };

  const fill = ({ row, details, pages }) => {
    if (row.querySelector("dl")) return;
    const list = document.createElement("dl");
    const add = (name, ...said) => {
      const [term, description] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      description.append(...said);
      list.append(term, description);
    };
    const lead = (href, words) => {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = words;
      return link;
    };
    details.forEach((said, at) => {
      if (said) add(kept.details[at], /^https?:\/\//.test(said) ? lead(said, said) : said);
    });
    pages.forEach(([href, title], at) => add(at ? "and on" : "Judged on", lead(encodeURI(href), title)));
    add("Cite as", lead(`#${row.id}`, row.id));
    row.append(list);
  };
  for (const one of rows) one.row.addEventListener("toggle", () => fill(one), { once: true });

  const open = () => {
    const one = rows.find(({ row }) => row.id === decodeURIComponent(location.hash.slice(1)));
    if (one) { one.row.hidden = false; one.row.open = true; fill(one); one.row.scrollIntoView(); }
  };
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  choose();
  open();
}
