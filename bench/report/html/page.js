"use strict";
(function () {
  const at = (id) => document.getElementById(id);

  const words = JSON.parse(at("words").textContent);
  const say = (key, values = {}) => words[key].replace(/{(\w+)}/g, (_, name) => values[name]);

  // theme
  const theme = at("theme");
  const dark = () => {
    const set = document.documentElement.dataset.theme;
    return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const label = () => { theme.textContent = say(dark() ? "light" : "dark"); };
  theme.hidden = false;
  label();
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    label();
  });

  // tables: each is sorted within its blocks, searched by the row's name and filtered;
  // of a long one the first rows are shown until the rest is asked for
  const few = 8;
  const narrow = matchMedia("(max-width: 44rem)");
  const tables = [...document.querySelectorAll("section.tables")].map(setUp);

  function setUp(section) {
    const table = section.querySelector("table");
    const bodies = [...table.tBodies];
    const rowsOf = (body) => [...body.rows].filter((row) => !row.classList.contains("block"));
    const rest = section.querySelector(".rest");
    let most = Number(table.dataset.most);
    const form = section.querySelector("form.filters");
    const find = form.querySelector(".find");
    const chosen = [...form.querySelectorAll("select")];
    const nameOf = (row) => {
      const said = row.cells[table.dataset.name].dataset;
      return ((said.name || "") + " " + (said.key || "")).toLowerCase();
    };

    function filter() {
      const name = find ? find.value.trim().toLowerCase() : "";
      const rows = bodies.flatMap(rowsOf);
      for (const row of rows)
        row.hidden = !(nameOf(row).includes(name) &&
          chosen.every((node) => !node.value || row.dataset["k" + node.dataset.by] === node.value));
      const left = rows.filter((row) => !row.hidden);
      const shown = left.length;
      const cut = shown > most + few;  // a handful more is no reason to hide them
      for (const row of rows) row.classList.remove("beyond");
      if (cut) for (const row of left.slice(most)) row.classList.add("beyond");
      rest.hidden = !cut;
      rest.querySelector("button").textContent = say("all", { n: shown });
      rest.querySelector("span").textContent = say("first", { most, n: shown });
      for (const body of bodies)
        body.hidden = rowsOf(body).every((row) => row.hidden || row.classList.contains("beyond"));
      const values = chosen.map((node) => node.value);
      for (const notes of section.querySelectorAll(".notes[data-with]"))
        notes.hidden = chosen.length > 0 && !values.includes(notes.dataset.with);
      form.querySelector(".shown").textContent = say(shown === 1 ? "row" : "rows", { n: shown });
    }

    function sort(column, direction) {
      const key = (row) => {
        const cell = row.cells[column];
        if (cell.classList.contains("n"))
          return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
        const text = cell.dataset.name || cell.textContent.trim();
        return text === "" || text === "–" ? null : text.toLowerCase();
      };
      for (const body of bodies) {
        const items = rowsOf(body).map((row) => [key(row), row]);
        items.sort(([a], [b]) => {
          if (a === null || b === null) return (a === null) - (b === null);
          return direction * (typeof a === "number" ? a - b : a.localeCompare(b, document.documentElement.lang));
        });
        for (const [, row] of items) body.append(row);
      }
      filter();
    }

    const heads = [...table.tHead.rows[0].cells];
    for (const head of heads) {
      const button = head.querySelector("button");
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sort(Number(button.dataset.column), up ? 1 : -1);
      });
    }
    rest.querySelector("button").addEventListener("click", () => {
      most = Infinity;
      filter();
    });
    const columns = section.querySelector("button.columns");
    if (columns) {
      const span = () => {  // of lines above rows, over the columns that there are
        const n = heads.filter((head) => getComputedStyle(head).display !== "none").length;
        for (const line of table.querySelectorAll(".block th")) line.colSpan = n;
      };
      columns.hidden = false;
      columns.addEventListener("click", () => {
        columns.setAttribute("aria-pressed", String(!table.classList.toggle("few")));
        span();
        shade();
      });
      narrow.addEventListener("change", span);
      span();
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    filter();
    return { filter, dated: chosen.find((node) => node.dataset.dates) };
  }

  // one date for everything: findings, counts, captions, tables and charts
  window.Charts.then(({ timeline, shown, set, watch, start }) => {
    const findings = [...document.querySelectorAll("[data-dated]")];
    const counts = [...document.querySelectorAll(".counts dd")];
    const captions = [...document.querySelectorAll("figcaption.drawn")].map((node) => [node, node.textContent]);
    watch(({ date, method }) => {
      for (const row of document.querySelectorAll("section.tables th[data-name]"))
        row.parentNode.classList.toggle("followed", row.dataset.name === method);
      if (!timeline.length) return;
      const now = timeline[date];
      while (findings.length && findings.length < now.findings.length) {
        const further = findings.at(-1).cloneNode();
        findings.at(-1).after(further);
        findings.push(further);
      }
      findings.forEach((node, i) => {
        node.hidden = i >= now.findings.length;
        node.textContent = now.findings[i] || "";
      });
      now.counts.forEach((count, i) => { counts[i].textContent = count; });
      for (const [node, text] of captions) node.textContent = text.replaceAll(timeline[shown].cut, now.cut);
      const when = now.days === null ? now.date : say(now.days === 1 ? "day" : "days", { date: now.date, n: now.days });
      at("as-of").setAttribute("aria-valuetext", when);
      at("as-of-text").textContent = when;
      for (const table of tables) {
        if (!table.dated) continue;
        const option = table.dated.dataset.dates.split(",").indexOf(String(date));
        if (option < 0 || option === table.dated.selectedIndex) continue;
        table.dated.selectedIndex = option;
        table.filter();
      }
    });
    for (const table of tables)
      if (timeline.length && table.dated) table.dated.addEventListener("input", () => {
        const place = Number(table.dated.dataset.dates.split(",")[table.dated.selectedIndex]);
        if (place >= 0) set({ date: place });
      });
    start();
  });

  // a table that goes on to the right says so
  const scrolls = [...document.querySelectorAll(".scroll")];
  const shade = () => {
    for (const node of scrolls) node.classList.toggle("wide", node.scrollWidth > node.clientWidth + 1);
  };
  addEventListener("resize", shade);
  shade();

  // a folded section opens for whoever comes to it, and its chart takes the room that there is
  const reveal = (address) => {
    const section = at(address.slice(1));
    const fold = section?.querySelector(":scope > .fold");
    if (fold) fold.open = true;
    section?.scrollIntoView();
  };
  if (location.hash) {
    reveal(location.hash);
    const stay = new AbortController();  // charts above push it down, until somebody moves
    addEventListener("drawn", () => reveal(location.hash), { signal: stay.signal });
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"])
      addEventListener(kind, () => stay.abort(), { once: true });
  }
  addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(link.hash);
  });
  for (const fold of document.querySelectorAll(".fold"))
    fold.addEventListener("toggle", () => dispatchEvent(new Event("resize")));

  // everything that is folded opens on paper
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.open = true;
      fold.dataset.folded = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of document.querySelectorAll("details[data-folded]")) {
      fold.open = false;
      delete fold.dataset.folded;
    }
  });
})();
