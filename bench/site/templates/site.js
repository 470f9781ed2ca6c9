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
