"use strict";
document.documentElement.dataset.script = "";
// draws the charts of a page; one date, method and candidate for all of them, kept in the address
// what lies compressed in an element of the page
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
window.Charts = (async function () {
  const { charts, tables, timeline, keys } = JSON.parse(await unpacked("charts"));
  // the rows of a table, made when a chart first needs them
  const frames = [];
  const frame = (number) => frames[number] ??= rowsIn(tables[number]);
  function rowsIn(columns) {
    const lists = Object.entries(columns).map(([key, column]) =>
      [key, column.of ? column.at.map((place) => column.of[place] ?? null) : column]);
    return lists[0][1].map((_, i) => Object.fromEntries(lists.map(([key, list]) => [key, list[i]])));
  }
  const mark = timeline.findIndex((moment) => moment.is_marked);
  const last = timeline.length ? timeline.length - 1 : Math.max(0, ...tables.flatMap(({ date }) => date ?? []));
  const shown = mark >= 0 ? mark : last;
  const step = timeline[shown]?.days === null ? "dose" : "as_of";
  const state = { date: shown, ...Object.fromEntries(keys.map((key) => [key, null])) };
  const views = new Map();
  const watchers = [];
  const { months, decimal } = document.body.dataset;
  const days = ["", "", "", "", "", "", ""];
  const forms = months ? {
    formatLocale: { decimal, thousands: "\u202f", grouping: [3], currency: ["", ""] },
    timeFormatLocale: {
      dateTime: "%x %X", date: "%d/%m/%Y", time: "%H:%M", periods: ["", ""],
      days, shortDays: days, months: months.split(","), shortMonths: months.split(","),
    },
  } : {};

  // what is shown now, for the table and the file
  const shownOf = (chart) => {
    const { some } = chart.spec.usermeta;
    const wanted = keys.map((key) => [key, some[key] && !some[key].of.includes(state[key])
      ? some[key].of.slice(0, some[key].n) : state[key] && [state[key]]]);
    return frame(chart.rows).filter((row) => !row.layer && (!chart.dated || row.date === state.date) &&
      wanted.every(([key, values]) => !values || (row[key] ?? null) === null || values.includes(row[key])));
  };

  // address: #as_of=…&method=…&candidate=…; a plain #section stays one
  const given = new URLSearchParams(location.hash.slice(1));
  const only = given.get("only");
  const asked = timeline.findIndex((moment) => moment.as_of === given.get(step));
  if (asked >= 0) state.date = asked;
  const named = (key) => [...new Set(tables.flatMap((columns) => columns[key]?.of ?? []))]
    .filter((value) => typeof value === "string");
  for (const key of keys) if (named(key).includes(given.get(key))) state[key] = given.get(key);

  function address(alone) {
    const parts = new URLSearchParams();
    if (alone || only) parts.set("only", alone || only);
    if (state.date !== shown) parts.set(step, timeline[state.date].as_of);
    for (const key of keys) if (state[key]) parts.set(key, state[key]);
    return location.href.split("#")[0] + (String(parts) && "#" + parts);
  }

  function set(changes) {
    Object.assign(state, changes);
    for (const [name, view] of views) move(name, view);
    if (location.hash.includes("=") || address().includes("#")) history.replaceState(null, "", address());
    for (const watcher of watchers) watcher(state);
  }
  const toggle = (key, value) => set({ [key]: state[key] === value ? null : value });

  function move(name, view) {
    for (const key of ["date", ...keys]) view.signal(key, state[key]);
    const { legend } = charts[name].spec.usermeta;
    if (legend) view.signal("by_legend_" + legend + "_legend", state[legend]);
    const { panels, some } = charts[name].spec.usermeta;
    if (panels) {
      const place = document.querySelector(`[data-chart="${name}"]`);
      const { field, sort } = charts[name].spec.facet;
      const n = !some[field] ? sort.length : some[field].of.includes(state[field]) ? 1 : Math.min(some[field].n, sort.length);
      const cell = sized(panels, roomOf(place), n);
      view.signal("child_width", cell.width).signal("child_height", cell.height).resize();
    }
    view.runAsync();
  }

  // the width of a chart, as of its section where it is folded
  function roomOf(place) {
    const { paddingLeft, paddingRight } = getComputedStyle(place.closest("section"));
    return place.clientWidth ||
      place.closest("section").clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  }

  // panels that fit beside each other, and their size; one alone is as large as there is room for
  function sized({ most, ratio, room, least }, width, n = most) {
    const columns = Math.max(1, Math.min(n, most, Math.floor(width / (room || width >= 500 ? least : 150))));
    const cell = Math.floor(Math.min(width / columns, room ? width : 520) - room - 20);
    return { columns, width: cell, height: Math.max(room ? 130 : 0, Math.round(cell * ratio)) };
  }
  // where there is little room, names of rows take two lines
  const twoLines = (label) => `split(replace(${label}, regexp('^(?=.{23})(.{9,24}) (.{4,})$'), '$1\\n$2'), '\\n')`;
  function dressed(layer, width) {
    const { y } = layer.encoding;
    if (!y || y.type !== "nominal" || width >= 500) return layer;
    const axis = { ...y.axis, labelExpr: twoLines(y.axis?.labelExpr || "datum.label"), labelLineHeight: 10 };
    return { ...layer, encoding: { ...layer.encoding, y: { ...y, axis } } };
  }
  // lines of so many letters at most
  const inLines = (text, most) => text.split(" ").reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`;
    return longer.length > most ? [...lines, word] : [...lines.slice(0, -1), longer.trim()];
  }, [""]);
  // names of rows and legends leave room for the drawing
  function fitted({ config, ...spec }, width) {
    const { panels } = spec.usermeta;
    const narrow = width < 500;
    const names = Math.min(260, 0.46 * width);
    const layers = (spec.spec || spec).layer.map(({ encoding }) => encoding);
    const beside = layers.some(({ y }) => y && y.type === "nominal") ? names + 10 : 60;
    const across = Math.max(1, Math.floor((width - beside) / spec.usermeta.entry));
    if (panels) {
      const { columns, ...cell } = sized(panels, width);
      spec = { ...spec, columns, spec: { ...spec.spec, ...cell } };
    } else spec = { ...spec, layer: spec.layer.map((layer) => dressed(layer, width)) };
    const { title } = spec;
    const lines = Array.isArray(title?.text) && inLines(title.text.join(" "), width / 7);
    return {
      ...spec,
      ...(lines && { title: { ...title, text: lines } }),
      config: {
        ...config,
        axisY: { labelLimit: names, labelFontSize: narrow ? 11 : 12 },
        axisX: { titleAnchor: narrow ? "end" : "middle", titleLimit: panels ? width : 0.76 * width },
        legend: {
          ...config.legend,
          columns: across,
          labelLimit: Math.max(60, Math.floor((width - beside) / across) - 30),
        },
      },
    };
  }

  const present = (tip) => tip && typeof tip === "object"
    ? Object.fromEntries(Object.entries(tip).filter(([, words]) => words !== "null"))
    : tip;

  // the library lies in the page, or beside it
  async function drawer() {
    if (!window.vegaEmbed) {
      const script = document.createElement("script");
      script.textContent = await unpacked("vega");
      document.head.append(script);
    }
    return window.vegaEmbed;
  }

  async function draw(place) {
    const name = place.dataset.chart;
    const chart = charts[name];
    const datasets = { rows: frame(chart.rows) };
    for (const [key, number] of Object.entries(chart.more)) datasets[key] = frame(number);
    const { view } = await (await drawer())(place, { ...fitted(chart.spec, roomOf(place)), datasets }, {
      ast: true, actions: false, renderer: "svg",
      ...forms,
    });
    const svg = place.querySelector("svg");
    svg.setAttribute("aria-hidden", "true");  // label and table say it
    if (chart.spec.usermeta.panels) svg.style.width = "auto";  // a few panels are not stretched
    else view.width(roomOf(place));
    const showTip = view.tooltip();  // without lines of what a mark does not have
    view.tooltip((handler, event, item, tip) => showTip.call(view, handler, event, item, present(tip)));
    views.set(name, view);
    const { click, legend } = chart.spec.usermeta;
    move(name, view);
    await view.runAsync();
    view.addEventListener("click", (event, item) => {
      const value = item && item.datum && item.datum[click];
      if (value) toggle(click, value);
    });
    if (legend) view.addSignalListener("by_legend_" + legend + "_legend", (_, value) => {
      if ((value || null) !== state[legend]) set({ [legend]: value || null });
    });
  }

  function save(text, file, kind) {
    const link = document.createElement("a");
    link.href = text.startsWith("data:") ? text : URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = file;
    link.click();
  }
  async function picture(name, kind) {
    const view = views.get(name);
    view.background("white");
    if (kind === "svg") save(await view.toSVG(), name + ".svg", "image/svg+xml");
    else save(await view.toImageURL("png", 2), name + ".png");
    view.background("transparent");
  }
  const quoted = (value) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  function csv(name) {
    const columns = Object.keys(charts[name].columns);
    const lines = [columns, ...shownOf(charts[name]).map((row) => columns.map((key) => row[key]))];
    return lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  }
  const embed = (name, title) => {
    const frame = document.createElement("iframe");
    frame.src = address(name);
    frame.title = title;
    frame.width = "100%";
    frame.height = String(document.querySelector(`[data-chart="${name}"]`).clientHeight + 160);
    frame.setAttribute("loading", "lazy");
    frame.style.border = "0";
    return frame.outerHTML;
  };

  function number(value) {
    if (value === null) return "–";
    if (typeof value !== "number") return String(value);
    return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  }
  function fill(box) {
    const chart = charts[box.dataset.of];
    const table = box.querySelector("table");
    const body = document.createElement("tbody");
    for (const row of shownOf(chart)) {
      const line = body.insertRow();
      Object.keys(chart.columns).forEach((key, i) => {
        const cell = document.createElement(i ? "td" : "th");
        if (!i) cell.scope = "row";
        if (typeof row[key] === "number") cell.className = "n";
        cell.textContent = number(row[key]);
        line.append(cell);
      });
    }
    table.tBodies[0].replaceWith(body);
  }
  for (const box of document.querySelectorAll("details[data-of]")) {
    box.addEventListener("toggle", () => { if (box.open) fill(box); });
    watchers.push(() => { if (box.open) fill(box); });
  }

  for (const box of document.querySelectorAll(".chart-tools")) {
    const name = box.dataset.of;
    box.hidden = false;
    box.addEventListener("click", (event) => {
      const kind = event.target.dataset && event.target.dataset.save;
      if (kind === "csv") save(csv(name), name + ".csv", "text/csv");
      else if (kind === "embed") {
        const code = box.querySelector("input");
        code.hidden = false;
        code.value = embed(name, code.dataset.title);
        code.select();
        if (navigator.clipboard) navigator.clipboard.writeText(code.value).catch(() => {});
      } else if (kind) picture(name, kind);
    });
  }

  // a chart alone, for a frame on another page
  if (only && charts[only]) {
    document.documentElement.dataset.only = only;
    const place = document.querySelector(`[data-chart="${only}"]`);
    for (let node = place; node !== document.body; node = node.parentNode) {
      node.classList.add("kept");
      if (node.matches(".fold")) node.open = true;
    }
  }

  // choices of what is followed, and the slider
  const bar = document.getElementById("follow");
  if (bar) {
    for (const choice of bar.querySelectorAll("select")) {
      const key = choice.dataset.key;
      const names = named(key);
      if (key === "method") names.sort((a, b) => a.localeCompare(b));
      choice.parentNode.hidden = names.length < 2;
      choice.append(...names.map((name) => new Option(name, name)));
      choice.addEventListener("input", () => set({ [key]: choice.value || null }));
      watchers.push(() => { choice.value = state[key] || ""; });
    }
    const slider = bar.querySelector("input[type=range]");
    if (slider) slider.addEventListener("input", () => set({ date: Number(slider.value) }));
    const reset = bar.querySelector("[type=reset]");
    bar.addEventListener("submit", (event) => event.preventDefault());
    bar.addEventListener("reset", (event) => {
      event.preventDefault();
      set({ date: shown, ...Object.fromEntries(keys.map((key) => [key, null])) });
    });
    watchers.push(() => {
      if (slider) slider.value = String(state.date);
      reset.disabled = state.date === shown && keys.every((key) => !state[key]);
    });
    bar.hidden = [...bar.querySelectorAll("label")].every((label) => label.hidden);
  }

  (async () => {
    const alone = charts[only] ? ".kept" : "";
    const places = [...document.querySelectorAll(`[data-chart]${alone}`)];
    for (const place of places) {
      try {
        await draw(place);
      } catch (error) {  // a browser that cannot shows the still picture
        console.error(error);
        const still = place.parentNode.querySelector("noscript");
        if (still) place.innerHTML = still.textContent;
      }
      if (place === places[0]) performance.mark("first-chart");
      await new Promise((next) => setTimeout(next));
    }
    performance.mark("all-charts");
    document.documentElement.dataset.drawn = String(places.length);
    dispatchEvent(new Event("drawn"));
  })();
  return { state, set, timeline, shown, watch: (watcher) => { watchers.push(watcher); }, start: () => set({}) };
})();
