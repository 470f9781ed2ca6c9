"use strict";
// while a law forbids it, what a page shows of a vote leaves the page, by the clock of its reader
const root = document.documentElement;
const periods = root.dataset.silence.split(" ").map((period) => period.split("/"));
const isInForce = ([start, end]) => Date.parse(start) <= Date.now() && Date.now() < Date.parse(end);
let isSilent = periods.some(isInForce);
root.hidden = isSilent;  // nothing is painted before it has left

function keepSilence() {
  isSilent = periods.some(isInForce);
  for (const notice of document.querySelectorAll("template[data-start]")) {
    if (!isInForce([notice.dataset.start, notice.dataset.end])) continue;
    while (notice.nextSibling) notice.nextSibling.remove();
    notice.replaceWith(notice.content);
  }
  root.hidden = false;
}

// a page that is open when a silence begins or ends
const watch = setInterval(() => {
  if (document.readyState === "loading" || periods.some(isInForce) === isSilent) return;
  clearInterval(watch);
  root.hidden = true;
  location.reload();
}, 1000);
