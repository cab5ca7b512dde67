// Keeps the numbers of a mailing that is being sent fresh. Without this file the page is loaded anew every 5 seconds.
(() => {
  "use strict";
  const EVERY_MS = 2000;
  const MOST_MS = 30000;
  const box = document.querySelector("[data-isthmus-counts]");
  if (!box) return;
  const find = (selector) => box.querySelector(selector);
  const number = new Intl.NumberFormat(document.documentElement.lang || "en");
  let waitMs = EVERY_MS;

  function show(counts) {
    find("[data-percent]").textContent = `${counts.percent}\u00a0%`;
    if (find("[data-sentence]").textContent !== counts.sentence) find("[data-sentence]").textContent = counts.sentence;
    for (const [name, part] of Object.entries(counts.parts)) {
      find(`[data-count="${name}"]`).textContent = number.format(part.n);
      const stretch = find(`[data-part="${name}"]`);
      if (!stretch) continue;
      stretch.setAttribute("x", part.x);
      stretch.setAttribute("width", part.width);
    }
    find("svg").setAttribute("aria-label", counts.sentence);
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.isthmusCounts, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const counts = await answer.json();
      show(counts);
      waitMs = EVERY_MS;
      // Its buttons are others now.
      if (counts.state !== "sending") return window.location.reload();
    } catch {
      waitMs = Math.min(waitMs * 2, MOST_MS);
    }
    window.setTimeout(ask, waitMs);
  }

  window.setTimeout(ask, waitMs);
})();
