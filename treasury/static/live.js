"use strict";
// What `mnav serve` adds to the page: it asks now and then whether a run has ended since, and then shows the new numbers.
(() => {
  const EVERY = 5000, KEPT = "mnav-live", find = document.querySelector("#find"), note = document.querySelector("#newer");
  const version = document.documentElement.dataset.version;
  const before = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (before) { // as it was read: the words typed, the companies opened
    const { words, open, top } = JSON.parse(before);
    find.value = words;
    find.dispatchEvent(new Event("input"));
    for (const details of document.querySelectorAll("details.company")) details.open = open.includes(details.dataset.ticker);
    scrollTo({ top, behavior: "instant" });
    note.textContent = "A run has ended: these are its numbers.";
    note.hidden = false;
  }
  const renew = () => {
    const open = [...document.querySelectorAll("details.company[open]")].map((details) => details.dataset.ticker);
    sessionStorage.setItem(KEPT, JSON.stringify({ words: find.value, open, top: scrollY }));
    location.reload();
  };
  setInterval(async () => {
    try {
      const answer = await fetch("/version", { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== version) renew();
    } catch {
      note.textContent = "mnav serve has ended: these numbers stay as they are.";
      note.hidden = false;
    }
  }, EVERY);
})();
