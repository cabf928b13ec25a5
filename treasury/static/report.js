"use strict";
// The report's own script: sorting, filtering, the CSV file, and what uPlot is told to draw. Texts are set as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, attributes = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...inside);
    return made;
  };

  // -- light or dark: as the system has it until somebody chooses -----------------------------------------------------
  const root = document.documentElement, redrawn = [], dark = matchMedia("(prefers-color-scheme: dark)"), toggle = one("#theme");
  const kept = { get: (key) => { try { return localStorage.getItem(key); } catch { return null; } }, set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* a file may not keep anything */ } } };
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const probe = make("span", { hidden: true });
  document.body.append(probe);
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  function themed(theme) {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    toggle.textContent = isDark() ? "Light" : "Dark";
    for (const draw of redrawn) draw();
  }
  themed(kept.get("mnav-theme"));
  toggle.addEventListener("click", () => { const theme = isDark() ? "light" : "dark"; kept.set("mnav-theme", theme); themed(theme); });
  dark.addEventListener("change", () => themed(root.dataset.theme));
  let before;
  addEventListener("beforeprint", () => { before = root.dataset.theme; themed("light"); }); // paper is white
  addEventListener("afterprint", () => themed(before));

  // -- country codes as names -----------------------------------------------------------------------------------------
  const regions = new Intl.DisplayNames("en", { type: "region" }), countryOf = (code) => { try { return regions.of(code); } catch { return code; } };
  for (const place of all("[data-country]")) {
    const name = countryOf(place.dataset.country);
    place.textContent = name;
    place.closest("[data-find]").dataset.find += ` ${name}`;
  }

  // -- numbers: the steps of treasury/report/packing.py -------------------------------------------------------------
  const fixed = (value, digits) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  function shown(value, unit) {
    if (value == null) return "–";
    const size = Math.abs(value), sign = value < 0 ? "−" : "";
    if (unit === "USD") {
      const [scale, digits, name] = size >= 1e9 ? [1e9, 2, "bn"] : size >= 1e6 ? [1e6, 1, "m"] : [1, size >= 1e3 ? 0 : 2, ""];
      return `${sign}$${fixed(size / scale, digits)}${name}`;
    }
    const digits = { x: 3, "%": 1, days: 0, shares: 0, BTC: Number.isInteger(value) ? 0 : 2, sats: size >= 100 ? 0 : 3 }[unit];
    return sign + fixed(size, digits ?? (size >= 1 ? 2 : 4)) + ({ x: "x", "%": " %", days: " days" }[unit] ?? "");
  }

  // -- league table --------------------------------------------------------------------------------------------------
  const table = one("#table"), body = table.tBodies[0], rows = [...body.rows], heads = all("thead tr:last-child th", table);
  const keyOf = (row, at) => row.cells[at].dataset.v;
  function sort(at) {
    const head = heads[at], up = head.getAttribute("aria-sort") === "descending" || (at < 2 && head.getAttribute("aria-sort") === "none");
    for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = (a, b) => (at < 2 || Number.isNaN(a - b) ? (a < b ? -1 : a > b ? 1 : 0) : a - b); // some columns are words
    rows.sort((a, b) => {
      const [x, y] = [keyOf(a, at), keyOf(b, at)];
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined); // unknown stays last
      return up ? compare(x, y) : compare(y, x);
    });
    body.append(...rows);
  }
  heads.forEach((head, at) => one("button", head)?.addEventListener("click", () => { sort(at); by.value = at; }));
  const by = one("#by"); // where there are no headings to click
  by.append(make("option", { value: "" }, "bitcoin held"), ...heads.map((head, at) => make("option", { value: at }, one("button", head)?.textContent ?? "")).slice(0, -1));
  by.addEventListener("change", () => (by.value === "" ? body.append(...rows.sort((a, b) => a.dataset.at - b.dataset.at)) : (heads[by.value].setAttribute("aria-sort", "none"), sort(Number(by.value)))));

  const aside = one("#others"), others = aside ? all("tbody tr", aside) : [];
  function filter() {
    const words = one("#find").value.toLowerCase().split(/\s+/), name = one("#where").value, above = one("#side").value === "above";
    const limit = one("#limit").valueAsNumber, at = heads.findIndex((head) => head.dataset.name === name && name);
    const asked = words.some(Boolean);
    let further = 0;
    for (const row of others) {
      row.hidden = !words.every((word) => row.dataset.find.toLowerCase().includes(word));
      further += !row.hidden;
    }
    if (aside) aside.open = asked && further > 0;
    for (const row of rows) {
      const text = row.dataset.find.toLowerCase(), value = at < 0 ? undefined : keyOf(row, at);
      const within = at < 0 || Number.isNaN(limit) || (value !== undefined && (above ? value > limit : value < limit));
      row.hidden = !(within && words.every((word) => text.includes(word)) && !(one("#fresh").checked && row.classList.contains("old")));
    }
    const among = asked && further ? `; ${further} ${further === 1 ? "other is" : "others are"} not in the table: below it stands why` : "";
    one("#count").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} companies${among}`;
  }
  for (const id of ["#find", "#where", "#side", "#limit", "#fresh"]) for (const event of ["input", "change"]) one(id).addEventListener(event, filter);
  filter();

  // -- which columns: each by its box, a group by its own --------------------------------------------------------------
  const boxes = all("input.column"), usual = boxes.filter((box) => box.checked).map((box) => box.value);
  function showColumns(names) {
    for (const box of boxes) {
      box.checked = names.includes(box.value);
      const at = heads.findIndex((head) => head.dataset.name === box.value);
      for (const row of [heads[at].parentElement, ...rows]) row.cells[at].hidden = !box.checked;
    }
    for (const group of all("input.group")) {
      const own = boxes.filter((box) => box.dataset.group === group.value), shownOnes = own.filter((box) => box.checked).length;
      group.checked = shownOnes === own.length;
      group.indeterminate = shownOnes > 0 && !group.checked;
      const over = one(`th.group[data-group="${group.value}"]`);
      over.hidden = !shownOnes;
      over.colSpan = shownOnes || 1;
    }
  }
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const choose = (names) => { showColumns(names); kept.set("mnav-columns", names.join(" ")); };
  for (const box of boxes) box.addEventListener("change", () => choose(chosen()));
  for (const group of all("input.group")) group.addEventListener("change", () => { for (const box of boxes) if (box.dataset.group === group.value) box.checked = group.checked; choose(chosen()); });
  one("#usual").addEventListener("click", () => choose(usual));
  showColumns(kept.get("mnav-columns")?.split(" ") ?? usual);

  one("#csv").addEventListener("click", () => {
    const lines = [data.csv[0], ...rows.filter((row) => !row.hidden).map((row) => data.csv[Number(row.dataset.at) + 1])];
    const url = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" }));
    make("a", { href: url, download: "mnav-league.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });

  // -- charts --------------------------------------------------------------------------------------------------------
  const COLOURS = [1, 2, 3, 4, 5, 6].map((at) => `line-${at}`);
  const DASHES = [[], [9, 3], [4, 2], [9, 3, 2, 3], [2, 2], [12, 3, 3, 3]];
  const DAY = 86400, PAUSE = 10; // a longer pause than any holiday is left open in the line
  const total = (differences) => { let sum = 0; return differences.map((step) => (sum += step)); };

  function unpacked(history) {
    const days = total(history.days), x = [], place = [];
    days.forEach((day, at) => {
      if (at && day - days[at - 1] > PAUSE) x.push((days[at - 1] + 1) * DAY);
      place.push(x.push(day * DAY) - 1);
    });
    const series = {};
    for (const [name, { unit, power, runs }] of Object.entries(history.series)) {
      const values = new Array(x.length).fill(null);
      for (const [start, ...steps] of runs)
        total(steps).forEach((n, at) => (values[place[start + at]] = power < 0 ? n / 10 ** -power : n * 10 ** power));
      series[name] = { unit, values };
    }
    return { x, series };
  }

  const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  // dates as everywhere on the page: 2025, 2025-11 or 2025-11-10, by what the ticks are apart
  const dates = (u, ticks, axis, space, apart) => ticks.map((tick) => dayOf(tick).slice(0, apart >= 360 * DAY ? 4 : apart >= 28 * DAY ? 7 : 10));
  function plot(holder, { x, lines, band, unit, log, level, marks, reading, height, whole, dayName = dayOf }) {
    const grid = { stroke: colour("grid"), width: 1 }, stroke = colour("faint");
    const tip = make("div", { className: "tip" });
    const text = (at) => [dayName(x[at], at), ...lines.map((line) => `${line.label}  ${shown(line.values[at], line.unit)}`)];
    const options = {
      width: holder.clientWidth || 600, height: height ?? (holder.clientWidth < 500 ? 240 : 320),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      scales: { y: { distr: log ? 3 : 1, range: whole ? (_, low, high) => [0, high + 1] : undefined } },
      axes: [{ stroke, grid, ticks: grid, values: dates, space: 80, size: 34 }, { stroke, size: 78, incrs: whole ? [1, 2, 5, 10, 20, 50] : undefined, grid, ticks: { show: false }, values: (_, ticks) => ticks.map((tick) => (tick == null ? "" : brief(tick, unit))) }],
      cursor: { y: false, drag: { x: true, y: false } },
      series: [{}, ...lines.map((line, at) => ({ label: line.label, stroke: colour(line.colour ?? COLOURS[at]), dash: line.dash, width: 1.8, points: { show: false }, paths: line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined }))],
      hooks: {
        ready: [(u) => u.over.append(tip)],
        draw: [(u) => {
          const { ctx, bbox } = u;
          ctx.save();
          ctx.strokeStyle = colour("level");
          ctx.lineWidth = devicePixelRatio;
          if (level != null && level > u.scales.y.min && level < u.scales.y.max) {
            const y = Math.round(u.valToPos(level, "y", true));
            ctx.strokeRect(bbox.left, y, bbox.width, 0);
          }
          ctx.fillStyle = stroke;
          for (const mark of marks ?? []) {
            const at = u.valToPos(mark, "x", true);
            if (at >= bbox.left && at <= bbox.left + bbox.width) ctx.fillRect(at, bbox.top + bbox.height - 7 * devicePixelRatio, devicePixelRatio, 7 * devicePixelRatio);
          }
          ctx.restore();
        }],
        setCursor: [(u) => {
          const at = u.cursor.idx;
          tip.style.display = at == null || u.cursor.left < 0 ? "none" : "block";
          if (at == null) return;
          tip.textContent = text(at).join("\n");
          tip.style.left = `${Math.max(0, Math.min(u.cursor.left + 14, u.over.clientWidth - tip.offsetWidth))}px`;
          tip.style.top = "6px";
          if (reading && document.activeElement === holder) reading.textContent = text(at).join(" · ");
        }],
      },
    };
    const columns = [x, ...lines.map((line) => line.values)];
    if (band) {
      options.series.push({ label: "low", stroke: "transparent", points: { show: false } }, { label: "high", stroke: "transparent", points: { show: false } });
      options.bands = [{ series: [columns.length + 1, columns.length], fill: colour("shade") }];
      columns.push(band.low, band.high);
    }
    return new uPlot(options, columns, holder);
  }
  const brief = (tick, unit) => (unit === "USD" || Math.abs(tick) < 1e4 ? shown(tick, unit).replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "") : fixed(tick, 0));

  function chart(box) {
    const company = data.companies[Number(box.dataset.at)], holder = one(".plot", box), tools = one(".tools", box), reading = one(".reading", box);
    const { x, series } = unpacked(company.history);
    const known = data.definitions.map(([name, label], at) => ({ name, label, at })).filter(({ name }) => series[name]);
    const others = Object.keys(data.columns).filter((name) => series[name] && !data.definitions.some(([other]) => other === name));
    if (!x.length || !(known.length + others.length)) { holder.textContent = "No history."; return; }
    let drawn, picked = new Set(known.map(({ name }) => name).filter((name) => ["mnav_market_cap", "mnav_ev"].includes(name)));
    if (!picked.size && known.length) picked.add(known[0].name);
    const what = make("select", { ariaLabel: "What the chart shows" });
    if (known.length) what.append(make("option", { value: "" }, "mNAV, by definition"));
    for (const name of others) what.append(make("option", { value: name }, data.columns[name][0]));
    const log = make("input", { type: "checkbox" });
    const boxes = make("span", { className: "controls" });
    const legend = make("p", { className: "legend" }); // on paper there are no boxes to tell the lines apart
    const keyOf = (colour, dash) => {
      const key = make("span", { className: "key" });
      key.style.borderColor = `var(--${colour})`;
      key.style.borderTopStyle = dash?.length ? (dash[0] > 4 ? "dashed" : "dotted") : "solid";
      return key;
    };
    for (const { name, label, at } of known) {
      const key = keyOf(COLOURS[at % COLOURS.length], DASHES[at % DASHES.length]);
      const tick = make("input", { type: "checkbox", checked: picked.has(name), value: name });
      tick.addEventListener("change", () => (tick.checked ? picked.add(name) : picked.delete(name), draw()));
      boxes.append(make("label", {}, tick, " ", key, " ", label));
    }
    const ranges = make("span", { className: "controls" });
    for (const [label, days] of [["6 months", 183], ["1 year", 365], ["3 years", 1096], ["all", Infinity]]) {
      const button = make("button", { type: "button" }, label);
      button.addEventListener("click", () => { const last = x.at(-1); drawn.setScale("x", { min: Math.max(x[0], last - days * DAY), max: last }); });
      ranges.append(button);
    }
    const hint = make("small", {});
    tools.after(legend);
    tools.append(make("label", {}, "Show ", what), boxes, make("label", {}, log, " log"), ranges, hint);

    function draw() {
      const zoom = drawn && { min: drawn.scales.x.min, max: drawn.scales.x.max }, name = what.value;
      drawn?.destroy();
      boxes.hidden = Boolean(name);
      const multiples = known.map(({ name }) => series[name].values);
      const reach = (pick) => x.map((_, at) => { const there = multiples.map((values) => values[at]).filter((value) => value != null); return there.length > 1 ? pick(...there) : null; });
      const label = (name) => data.columns[name][0] + (name === "price" ? `, ${company.currency}` : "");
      const lines = name
        ? [{ label: label(name), unit: series[name].unit, values: series[name].values, stepped: name === "btc" }]
        : known.filter(({ name }) => picked.has(name)).map(({ name, label, at }) => ({ label, unit: "x", values: series[name].values, colour: COLOURS[at % COLOURS.length], dash: DASHES[at % DASHES.length] }));
      const unit = name ? series[name].unit : "x";
      legend.replaceChildren(...lines.flatMap((line, at) => [keyOf(line.colour ?? COLOURS[at], line.dash), ` ${line.label}  `]));
      // a net multiple leaves every scale where claims take nearly all of the bitcoin: the band is cut there
      const edge = data.band_reach * Math.max(...lines.flatMap((line) => line.values.filter((value) => value != null)));
      const top = name ? 0 : Math.max(...reach(Math.max));
      hint.textContent = `drag to zoom, double-click for all${top > edge && edge > 0 ? ` · the shaded band of all definitions is cut: it goes to ${fixed(top, 0)}x` : ""}`;
      const cut = (values) => values.map((value) => (value == null || !(edge > 0) ? value : Math.min(value, edge)));
      const positive = lines.every((line) => line.values.every((value) => value == null || value > 0));
      log.disabled = !positive;
      drawn = plot(holder, { x, lines, unit, log: log.checked && positive, level: name ? (unit === "USD" || unit === "%" ? 0 : null) : 1, reading,
        band: name ? null : { low: cut(reach(Math.min)), high: cut(reach(Math.max)) }, marks: company.purchases.map(([day]) => Date.parse(day) / 1000) });
      if (zoom) drawn.setScale("x", zoom);
    }
    what.addEventListener("change", draw);
    log.addEventListener("change", draw);
    holder.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const at = Math.min(x.length - 1, Math.max(0, (drawn.cursor.idx ?? x.length) + step));
      drawn.setCursor({ left: drawn.valToPos(x[at], "x"), top: 10 });
    });
    draw();
    redrawn.push(draw);
    new ResizeObserver(() => drawn.setSize({ width: holder.clientWidth, height: drawn.height })).observe(holder);
  }

  const companies = all("details.company");
  const opened = (details) => {
    const box = one(".chart", details);
    if (details.open && box && !box.dataset.drawn) (box.dataset.drawn = "yes", chart(box));
  };
  for (const details of companies) (details.addEventListener("toggle", () => opened(details)), opened(details));
  one("#open").addEventListener("click", () => companies.forEach((details) => (details.open = true)));
  one("#close").addEventListener("click", () => companies.forEach((details) => (details.open = false)));
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.tagName === "DETAILS") (target.open = true, opened(target), target.scrollIntoView());
  };
  addEventListener("hashchange", follow);
  follow();

  if (data.months.length > 1) {
    const [months, premium, count, multiple] = [0, 1, 2, 3].map((at) => data.months.map((month) => month[at]));
    const holder = one("#months"), x = months.map((month) => Date.parse(`${month}-01`) / 1000);
    const told = (_, at) => `${months[at]}, ${count[at]} ${count[at] === 1 ? "company" : "companies"}, EV to bitcoin ${shown(multiple[at], "x")}`;
    let drawn = [];
    const draw = () => {
      for (const one of drawn) one.destroy();
      drawn = [
        plot(holder, { x, unit: "USD", level: 0, dayName: told, lines: [{ label: "premium", unit: "USD", values: premium }] }),
        plot(one("#counts"), { x, unit: "", height: 110, whole: true, dayName: (_, at) => months[at], lines: [{ label: "companies", unit: "shares", values: count, stepped: true, colour: "faint" }] }),
      ];
    };
    draw();
    redrawn.push(draw);
    new ResizeObserver(() => { for (const one of drawn) one.setSize({ width: holder.clientWidth, height: one.height }); }).observe(holder);
  } else one(".months")?.remove();
})();
