"use strict";
const requested = new URLSearchParams(location.search).get("q")?.trim() ?? "";
if (requested) {
  const words = requested.toLowerCase().split(/\s+/);
  let matches = 0;
  for (const entry of document.querySelectorAll(".entries li")) {
    entry.hidden = !words.every((word) => entry.dataset.text.includes(word));
    matches += !entry.hidden;
  }
  const hits = document.getElementById("hits");
  hits.hidden = false;
  hits.textContent = matches ? `${requested}: ${matches}` : `${requested}: ${hits.dataset.none}`;
  document.querySelector("input[name=q]").value = requested;
  document.getElementById("all").scrollIntoView();
}
