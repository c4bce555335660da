// SLA chips count on by themselves while their clock runs: [data-tick] holds the words with {t} for the time and {p}
// for the share used, data-left the seconds left when the page was made (negative: late), data-goal the promise,
// data-lasts for how long counting is right, data-unit "work" where the time is working time. What a chip *is*
// (warning, missed, paused) comes from the server alone.
(() => {
  const words = window.itsm?.words || {};
  const MINUTE = 60;
  const HOUR = 3600;
  const DAY = 86_400;
  const began = new WeakMap();

  function plain(seconds) {
    if (seconds < MINUTE) return words.unit_s.replace("%d", seconds);
    const parts = [];
    let rest = seconds;
    for (const [unit, size] of [["unit_d", DAY], ["unit_h", HOUR], ["unit_min", MINUTE]]) {
      const count = Math.floor(rest / size);
      rest %= size;
      if (count) parts.push(words[unit].replace("%d", count));
      else if (parts.length) break;
    }
    return parts.slice(0, 2).join(" ");
  }

  function working(seconds) {
    const hours = Math.floor(seconds / HOUR);
    const [name, count] = hours >= 2 || seconds === hours * HOUR && hours > 0 ? ["hour", hours] : ["minute", Math.floor(seconds / MINUTE)];
    return words[`work_${name}${count === 1 ? "" : "s"}`].replace("%d", count);
  }

  function tick() {
    const now = performance.now();
    for (const chip of document.querySelectorAll("[data-tick]")) {
      if (!began.has(chip)) began.set(chip, now);
      const { tick: pattern, left, goal, lasts, unit } = chip.dataset;
      const gone = Math.min(Math.floor((now - began.get(chip)) / 1000), Number(lasts));
      if (gone < MINUTE / 2) continue; // what the server said is still right
      const remaining = Number(left) - gone;
      const share = Math.max(0, Math.floor((Number(goal) - remaining) * 100 / Number(goal)));
      const text = pattern.replace("{t}", (unit === "work" ? working : plain)(Math.abs(remaining))).replace("{p}", share);
      const node = chip.querySelector(".chip-words");
      if (node && node.textContent !== text) node.textContent = text;
      chip.querySelector(".chip-bar rect")?.setAttribute("width", Math.min(100, share));
    }
  }

  if (!words.unit_s) return;
  tick();
  document.addEventListener("htmx:after:swap", tick);
  setInterval(tick, 15_000);
})();
