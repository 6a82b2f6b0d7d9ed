"use strict";
(() => {
  const table = document.getElementById("rows");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const controls = [...document.querySelectorAll(".filters [name]")];
  const heads = [...table.tHead.rows[0].cells];
  const shown = document.getElementById("shown");
  const state = { sort: "", dir: "ascending" };

  const cellKey = (row, column) => {
    const cell = row.cells[column];
    const raw = cell.dataset.sort ?? cell.textContent.trim().toLowerCase();
    return raw === "" ? null : cell.dataset.sort === undefined ? raw : Number(raw);
  };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  function sort() {
    const column = heads.findIndex((head) => head.dataset.column === state.sort);
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? state.dir : "none"));
    if (column < 0) return;
    const sign = state.dir === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => [cellKey(row, column), row]);
    keyed.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : sign * compare(a, b)));
    body.append(...keyed.map(([, row]) => row)); // what is unknown stays last, whichever way the rest is sorted
  }

  function filter() {
    const wanted = Object.fromEntries(controls.map((control) => [control.name, control.value]));
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = ["operation", "lane", "ranking", "style"].every((name) => !wanted[name] || row.dataset[name] === wanted[name]);
      row.hidden = !(fits && words.every((word) => text.includes(word)));
      visible += !row.hidden;
    }
    shown.textContent = `${visible} of ${rows.length} rows`;
  }

  function remember() {
    const entries = [...controls.map((control) => [control.name, control.value]), ["sort", state.sort], ["dir", state.sort && state.dir]];
    const hash = new URLSearchParams(entries.filter(([, value]) => value)).toString();
    history.replaceState(null, "", hash ? `#table?${hash}` : "#table");
  }

  function recall() {
    if (!location.hash.startsWith("#table?")) return;
    const saved = new URLSearchParams(location.hash.slice("#table?".length));
    for (const control of controls) control.value = saved.get(control.name) ?? "";
    state.sort = saved.get("sort") ?? "";
    state.dir = saved.get("dir") === "descending" ? "descending" : "ascending";
    sort();
    filter();
    document.getElementById("table").scrollIntoView();
  }

  heads.forEach((head) => head.querySelector("button").addEventListener("click", () => {
    const again = state.sort === head.dataset.column && state.dir === "ascending";
    state.sort = head.dataset.column;
    state.dir = again ? "descending" : "ascending";
    sort();
    remember();
  }));
  controls.forEach((control) => control.addEventListener("input", () => { filter(); remember(); }));
  addEventListener("hashchange", recall);

  // The code that was timed stands in the page once; a case borrows a copy when it is opened.
  document.querySelectorAll("[data-code]").forEach((slot) => slot.closest("details").addEventListener("toggle", () => {
    if (!slot.dataset.code) return;
    slot.replaceChildren(document.getElementById(slot.dataset.code).querySelector("pre").cloneNode(true));
    slot.dataset.code = "";
  }));

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.case:not([open])")];
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));

  sort();
  filter();
  recall();
})();
