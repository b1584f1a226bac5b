{
  const form = document.querySelector("#choose");
  const rows = [...document.querySelectorAll("#rows > details")];
  const texts = rows.map((row) => `${row.id} ${row.textContent}`.toLowerCase());
  const told = document.querySelector("#told");
  const choose = () => {
    const asked = Object.fromEntries(new FormData(form));
    const words = asked.words.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      const fits = words.every((word) => texts[at].includes(word))
        && ["document", "year", "verdict"].every((name) => !asked[name] || row.dataset[name] === asked[name]);
      row.hidden = !fits;
      count += fits;
    });
    told.textContent = `${count} figure${count === 1 ? "" : "s"}`;
  };
  const open = () => {
    const row = location.hash && document.getElementById(location.hash.slice(1));
    if (row) { row.hidden = false; row.open = true; row.scrollIntoView(); }
  };
  // Each opened figure shows the link it is cited by.
  for (const row of rows) {
    row.addEventListener("toggle", () => {
      const link = document.createElement("a");
      link.href = `#${row.id}`;
      link.textContent = row.id;
      const cite = [document.createElement("dt"), document.createElement("dd")];
      cite[0].textContent = "Cite as";
      cite[1].append(link);
      row.querySelector("dl").append(...cite);
    }, { once: true });
  }
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  choose();
  open();
}
