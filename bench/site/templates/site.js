"use strict";
const top_ = document.body.dataset.top.replace(/index\.html$/, "");
const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const entry = ([title, path, kind]) => {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${top_}${path ? path + "/" : ""}index.html`;
  link.textContent = title;
  const small = document.createElement("small");
  small.textContent = ` ${path.split("/").pop()}`;
  item.append(link, small);
  return item;
};
const find = document.getElementById("find");
const found = document.getElementById("found");
find.addEventListener("input", () => {
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  const hits = words.length
    ? window.PAGES.filter((page) => words.every((word) => plain(page.join(" ")).includes(word))).slice(0, 12)
    : [];
  found.replaceChildren(...hits.map(entry));
  found.hidden = !hits.length;
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { find.value = ""; found.hidden = true; }
});
const all = document.getElementById("all");
if (all) {
  const mine = window.PAGES.filter((page) => page[2] === all.dataset.kind && page[1].includes("/"));
  all.replaceChildren(...mine.map(entry));
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const ink = () => getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
const months = document.body.dataset.months.split(",");
const days = ["", "", "", "", "", "", ""];
const forms = {
  formatLocale: { decimal: document.body.dataset.decimal, thousands: "\u202f", grouping: [3], currency: ["", ""] },
  timeFormatLocale: {
    dateTime: "%x %X", date: "%d/%m/%Y", time: "%H:%M", periods: ["", ""],
    days, shortDays: days, months, shortMonths: months,
  },
};
const draw = () => {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const drawing = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const colours = { labelColor: ink(), titleColor: ink() };
    const below = place.clientWidth < 600 ? { orient: "bottom", columns: 2, labelLimit: 140 } : {};
    window.vegaEmbed(place, drawing, {
      ast: true,
      ...forms,
      actions: { export: true, source: false, compiled: false, editor: false },
      config: { background: "transparent", axis: colours, legend: { ...colours, ...below }, tick: { color: ink() }, rule: { color: ink() } },
    });
  }
};
if (window.vegaEmbed) {
  draw();
  dark.addEventListener("change", draw);
}
