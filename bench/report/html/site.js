"use strict";
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const requested = new URLSearchParams(location.search).get("q")?.trim() ?? "";
if (requested) {
  const words = plain(requested).split(/\s+/);
  let matches = 0;
  for (const list of document.querySelectorAll(".entries")) {
    const entries = [...list.children];
    for (const entry of entries) entry.hidden = !words.every((word) => plain(entry.dataset.text).includes(word));
    const visible = entries.filter((entry) => !entry.hidden).length;
    list.hidden = list.previousElementSibling.hidden = !visible;
    matches += visible;
  }
  const hits = document.getElementById("hits");
  hits.hidden = false;
  hits.textContent = `${requested}: ${matches || hits.dataset.none}`;
  document.querySelector("input[name=q]").value = requested;
  document.getElementById("all").scrollIntoView();
}
