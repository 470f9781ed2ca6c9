"use strict";
(function () {
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);

  // theme
  const theme = at("theme");
  const dark = () => {
    const set = document.documentElement.dataset.theme;
    return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  label();
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    label();
  });

  // error table
  const table = at("error-table");
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows].slice(1));
  const chosen = (id, none) => (at(id) ? at(id).value : none);

  function filter() {
    const name = chosen("find", "").trim().toLowerCase();
    const family = chosen("family", "");
    const ballot = chosen("ballot", "full");
    const cell = chosen("cell", "0");
    let shown = 0;
    for (const row of rows) {
      const here = row.dataset.cell === cell && row.dataset.ballot === ballot;
      const fits = here && (!family || row.dataset.family === family) &&
        row.cells[1].textContent.toLowerCase().includes(name);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const body of bodies) body.hidden = ![...body.rows].slice(1).some((row) => !row.hidden);
    for (const notes of document.querySelectorAll(".notes[data-ballot]"))
      notes.hidden = notes.dataset.ballot !== ballot;
    at("shown").textContent = shown === 1 ? "1 row" : shown + " rows";
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
      const items = [...body.rows].slice(1).map((row) => [key(row), row]);
      items.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return direction * (typeof a === "number" ? a - b : a.localeCompare(b, "en"));
      });
      for (const [, row] of items) body.append(row);
    }
  }

  for (const head of table.tHead.rows[0].cells) {
    const button = head.querySelector("button");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(Number(button.dataset.column), up ? 1 : -1);
    });
  }
  at("filters").hidden = false;
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("input", filter);
  filter();

  // one forecast at a time
  const explorer = data.explorer;
  const chart = at("chart");
  const slider = at("as-of");
  const reach = 1.05 * Math.max(
    ...explorer.outcome,
    ...Object.values(explorer.forecasts).flatMap((dates) => Object.values(dates)).flat()
      .filter((point) => point).map((point) => Math.max(point[0], point[2] || 0)),
  );
  const part = (tag, name, text) => {
    const node = document.createElement(tag);
    node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const place = (node, left, width) => {
    node.style.left = (100 * left / reach) + "%";
    if (width !== undefined) node.style.width = (100 * width / reach) + "%";
    return node;
  };

  function draw() {
    const date = slider ? slider.value : "0";
    const points = (explorer.forecasts[at("who").value] || {})[date];
    const days = explorer.days[date];
    at("as-of-text").textContent =
      explorer.dates[date] + ", " + days + (days === 1 ? " day" : " days") + " before the vote";
    if (slider) slider.setAttribute("aria-valuetext", at("as-of-text").textContent);
    chart.replaceChildren();
    if (!points) {
      chart.append(part("p", "", "No forecast at this date."));
      return;
    }
    const head = part("div", "row head");
    head.append(part("span", ""), part("span", ""), part("span", "value", "forecast / outcome, %"));
    chart.append(head);
    explorer.candidates.forEach((name, i) => {
      const row = part("div", "row");
      const lane = part("div", "lane");
      const real = explorer.outcome[i];
      let said = "–";
      if (points[i]) {
        const [share, low, high, filled] = points[i];
        if (low !== null && !filled) lane.append(place(part("i", "range"), low, high - low));
        lane.append(place(part("i", filled ? "dot filled" : "dot"), share));
        said = filled ? "(" + share.toFixed(1) + ")" : share.toFixed(1);
      }
      lane.append(place(part("i", "real"), real));
      row.append(part("span", "name", name), lane, part("span", "value", said + " / " + real.toFixed(1)));
      chart.append(row);
    });
    chart.append(part("p", "", "Dot: forecast, with its 90% interval where it has one. Line: outcome. Hollow, in brackets: filled by rule."));
  }
  at("explorer").hidden = false;
  at("explorer").addEventListener("submit", (event) => event.preventDefault());
  at("explorer").addEventListener("input", draw);
  draw();

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
