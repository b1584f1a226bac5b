// Words, numbers whole ("1,279" is 1279), and for Chinese and Korean every pair of characters: those languages set no spaces.
function nktradeTokens(text) {
  const tokens = [];
  for (const [word] of String(text).normalize("NFKC").matchAll(/\d+(?:[.,]\d+)+|[\p{L}\p{N}]+/gu)) {
    const wide = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(word);
    tokens.push(/^[\d.,]+$/.test(word) ? word.replaceAll(",", "") : word);
    if (wide) for (let at = 0; at + 2 <= word.length; at++) tokens.push(word.slice(at, at + 2));
  }
  return tokens;
}

function nktradeStem(term) {
  const word = term.toLowerCase();
  if (/^[a-z]{4,}$/.test(word)) {
    if (word.endsWith("ies")) return word.slice(0, -3) + "y";
    if (word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  }
  return word;
}

const nktradeEngine = new MiniSearch({
  fields: ["title", "words", "text"],
  storeFields: ["kind", "title", "text", "href"],
  tokenize: nktradeTokens,
  processTerm: nktradeStem,
  searchOptions: {
    boost: { title: 4, text: 2, words: 2 },
    prefix: (term) => term.length > 2 || /^\d+$/.test(term),
    fuzzy: (term) => (term.length > 4 && !/\d/.test(term) ? 0.2 : false),
    combineWith: "AND",
    boostDocument: (id, term, stored) => ({ page: 6, subject: 5, text: 4, term: 2, code: 2, figure: 0.6 })[stored.kind],
  },
});
nktradeEngine.addAll(
  JSON.parse(document.querySelector("#list").textContent).map(([kind, title, text, words, href], id) => ({ id, kind, title, text, words, href })),
);

function nktradeSearch(query) {
  // "HS 6902" means the code; "of", "the" and "in" mean nothing here.
  const asked = query.replace(/\bHS\s*(?=\d)/gi, "").replace(/\b(of|the|in|and|from|to)\b/gi, " ");
  // Words as they were typed come before words that are spelt alike, and all before some.
  const found = new Map();
  for (const options of [{ fuzzy: false }, {}, { combineWith: "OR" }])
    for (const one of nktradeEngine.search(asked, options)) if (!found.has(one.id)) found.set(one.id, one);
  return [...found.values()];
}

{
  const box = document.querySelector("#query");
  const list = document.querySelector("#found");
  const told = document.querySelector("#told");
  const names = { page: "page", subject: "subject", text: "about the site", figure: "published figure", code: "HS code", term: "term" };
  const show = () => {
    const found = box.value.trim() ? nktradeSearch(box.value) : [];
    list.replaceChildren(...found.slice(0, 60).map((one) => {
      const item = document.createElement("li");
      const link = document.createElement(one.href ? "a" : "span");
      if (one.href) link.href = one.href;
      link.textContent = one.title;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = names[one.kind];
      const text = document.createElement("p");
      text.textContent = one.text;
      item.append(link, kind, text);
      return item;
    }));
    const more = found.length > 60 ? ", the first 60 are shown" : "";
    told.textContent = box.value.trim() ? `${found.length} found${more}.` : "";
  };
  box.value = new URLSearchParams(location.search).get("q") || "";
  box.addEventListener("input", show);
  box.form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  show();
  box.focus();
}
