"use strict";
// Texts are foreign: they reach the page through textContent alone.

const FLIPS = ["", "positive", "negative", "wrong"];
const MOST_COLUMNS = 2; // levels that fit side by side
const TIERS = ["", "probably", "yes"]; // what is neither is unclear: it cannot be told from seed noise
const DATA = JSON.parse(document.getElementById("data").textContent);
const BY_ITSELF = DATA.words.by_itself; // what changes answers without compression: retraining, another draw, a rerun
const field = (id) => document.getElementById(id);
const labelOf = (cell) => `${cell.method}${cell.is_compressed ? ` ${cell.level_text}` : ""}, against ${cell.baseline}`;
// Methods may mean unlike things by the same number
const levelName = (cells, number) => unique(cells.filter((cell) => cell.level === number).map((cell) => cell.level_text)).join(" or ");
const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);

const make = (tag, name, ...children) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children);
  return element;
};

// Decoding

async function inflate(base64, wide) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  return wide ? new Uint16Array(buffer) : new Uint8Array(buffer);
}

const decode = (cell) => Promise.all(
  [["flips", false], ["tiers", false], ["pie_probability", false], ["shift", false], ["votes", cell.seeds > 255]].flatMap(([kind, wide]) =>
    Object.keys(cell[kind] ?? {}).map(async (split) => {
      cell[kind][split] = await inflate(cell[kind][split], wide);
    })));

function makeRows() {
  const rows = [];
  const { example_id, text, text_pair, labels, tokens, ease, bin, why, near } = DATA.examples;
  for (const group of DATA.groups) {
    const { name, classes } = DATA.datasets[group.dataset];
    group.name = name;
    group.classes = classes;
    group.start = rows.length;
    for (let j = 0; j < group.size; j++) {
      const i = group.start + j;
      rows.push({
        i, j, group, id: example_id[i], text: text[i], pair: text_pair[i], labels: labels[i],
        label: labels[i].map((label) => classes[label]).join(", ") || "none",
        tokens: tokens[i], ease: ease[i], bin: bin[i], why: why?.[i] ?? null, near: near?.[i] ?? [], dataset: name, split: group.split,
      });
    }
  }
  return rows;
}

// Counting: what the chosen cells say of each row

const within = (chosen, value) => chosen === "" || chosen === String(value);

const selectedCells = () => DATA.cells.filter((cell) =>
  within(field("model").value, cell.model) &&
  (field("baseline").value === "" ? cell.primary : cell.baseline === field("baseline").value) &&
  (field("method").value === "" ? cell.is_compressed : cell.method === field("method").value) &&
  (!cell.is_compressed || within(field("level").value, cell.level)));

// A dataset's cells, without the collapsed ones if any works
function countedCells(cells, name) {
  const own = cells.filter((cell) => cell.dataset === name);
  const working = own.filter((cell) => !cell.collapsed);
  return working.length && field("collapsed").value === "" ? working : own;
}

// Share of a cell's models that vote for the true class; of several, the mean
function shareRight(cell, row) {
  const votes = cell.votes[row.split], base = row.j * row.group.classes.length;
  let sum = 0;
  for (const label of row.labels) sum += votes[base + label];
  return sum / (cell.seeds * row.labels.length);
}

// What the margins of a cell's models say of a text, in steps from a middle; null if it is not known
const STEPS = { pie_probability: 0.01, shift: 0.1 };
const marginOf = (cell, key, row) => {
  const code = cell[key][row.split][row.j];
  return code === 255 ? null : (code - 125) * STEPS[key];
};

function meanMargin(cells, key, row) {
  const known = cells.map((cell) => marginOf(cell, key, row)).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

const signed = (value) => (value === null ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`);

const meanRight = (cells, row) => cells.length && row.labels.length
  ? cells.reduce((sum, cell) => sum + shareRight(cell, row), 0) / cells.length : null;

function recount(rows) {
  const two = comparedCells();
  const cells = two.length ? two : selectedCells();
  const counted = two.length ? two : DATA.datasets.flatMap(({ name }) => countedCells(cells, name));
  for (const group of DATA.groups) {
    group.cells = counted.filter((cell) => cell.dataset === group.name);
    group.before = group.cells.map((cell) => cell.before);
  }
  const left = cells.length - counted.length, dead = counted.filter((cell) => cell.collapsed).length;
  field("left").textContent = [[left, "left out"], [dead, "counted"]].filter(([number]) => number)
    .map(([number, what]) => `${number} collapsed ${number === 1 ? "cell" : "cells"} ${what}`).join(", ");
  for (const row of rows) {
    const counts = [0, 0, 0, 0];
    row.tier = 0;
    for (const cell of row.group.cells) {
      counts[cell.flips[row.split][row.j]] += 1;
      row.tier = Math.max(row.tier, cell.tiers[row.split][row.j]);
    }
    [, row.positive, row.negative, row.wrong] = counts;
    row.pie = row.positive + row.negative + row.wrong;
    row.balance = row.negative - row.positive;
    row.rightBefore = meanRight(row.group.before, row);
    row.rightAfter = meanRight(row.group.cells, row);
    row.probability = meanMargin(row.group.cells, "pie_probability", row);
    row.shift = meanMargin(row.group.cells, "shift", row);
    row.two = flipsOfTwo(row, two);
  }
}

// Filters

const RANGES = [
  ["rightBefore", "Right before (%)", 100], ["rightAfter", "Right after (%)", 100],
  ["probability", "PIE probability (%)", 100], ["shift", "Shift (log odds)", 1],
  ["pie", "PIE in", 1], ["tokens", "Length (words)", 1],
  ["ease", "Reading ease", 1], ["bin", "Influence bin", 1],
];

// What is searched for: words in any order, and phrases in quotes
const terms = () => [...field("search").value.toLowerCase().matchAll(/"([^"]+)"?|([^\s"]+)/g)]
  .map(([, phrase, word]) => (phrase ?? word).trim()).filter(Boolean);

// A text as nodes, with what is searched for marked
function marked(text) {
  const sought = terms().sort((a, b) => b.length - a.length).map((term) => term.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  if (!sought.length) return [text];
  const parts = text.split(new RegExp(`(${sought.join("|")})`, "giu"));
  return parts.map((part, index) => (index % 2 ? make("mark", "", part) : part));
}

function keeps() {
  const words = terms(), isComparing = comparedCells().length > 0, where = WHERE[field("where").value];
  const [show, sure, dataset, split, label] = ["show", "sure", "dataset", "split", "class"].map((id) => field(id).value);
  const ranges = RANGES.flatMap(([key, , scale]) => {
    const [low, high] = ["low", "high"].map((end) => field(`${key}-${end}`)?.value ?? "");
    return low === "" && high === "" ? [] : [[key, scale, low === "" ? -Infinity : +low, high === "" ? Infinity : +high]];
  });
  return (row) => (!isComparing || (row.two !== null && where(row.two))) && within(dataset, row.dataset) && within(split, row.split) &&
    (show === "" || row[show] > 0) && row.tier >= +sure &&
    (label === "" || row.labels.some((one) => `${row.dataset}/${one}` === label)) &&
    ranges.every(([key, scale, low, high]) =>
      row[key] !== null && scale * row[key] >= low - 1e-9 && scale * row[key] <= high + 1e-9) &&
    words.every((word) => (row.lower ??= `${row.text} ${row.pair ?? ""}`.toLowerCase()).includes(word));
}

function options(id, all, values) {
  const entries = values.map((value) => (Array.isArray(value) ? value : [value, value]));
  const shown = entries.length > 1 || all === null ? entries : [];
  field(id).replaceChildren(
    ...(all === null ? [] : [new Option(entries.length === 1 ? entries[0][1] : all, "")]),
    ...shown.map(([value, name]) => new Option(name, value)));
}

const unique = (values) => [...new Set(values)];

function classOptions() {
  const several = field("dataset").value === "" && DATA.datasets.length > 1;
  options("class", "all classes", DATA.datasets
    .filter(({ name }) => within(field("dataset").value, name))
    .flatMap(({ name, classes }) => classes.map((label, index) =>
      [`${name}/${index}`, several ? `${name}: ${label}` : String(label)])));
}

function makeFilters(rows) {
  const compressed = DATA.cells.filter((cell) => cell.is_compressed);
  const methods = unique(DATA.cells.map((cell) => cell.method));
  const pruning = new Set(compressed.map((cell) => cell.method));
  options("dataset", "all", DATA.datasets.map(({ name }) => name));
  options("split", "all splits", unique(DATA.groups.map(({ split }) => split)));
  options("model", "all models", unique(DATA.cells.map((cell) => cell.model)));
  options("method", "compressed", methods.map((method) =>
    [method, pruning.has(method) ? method : `${method} (not compressed)`]));
  options("baseline", "best match", unique(DATA.cells.map((cell) => cell.baseline)));
  options("level", "all", unique(compressed.map((cell) => cell.level))
    .sort((a, b) => a - b).map((level) => [level, levelName(compressed, level)]));
  classOptions();
  compareOptions();
  // The page opens on the first split, as a reset does
  if (field("split").options.length > 1) field("split").options[1].defaultSelected = true;
  field("filters").reset();
  for (const [key, name, scale] of RANGES) {
    if (rows.length && key in rows[0] && rows.every((row) => row[key] === null)) continue;
    const ends = ["low", "high"].map((end) => {
      const input = make("input");
      Object.assign(input, { id: `${key}-${end}`, type: "number", step: "any", inputMode: "decimal" });
      input.placeholder = end === "low" ? "min" : "max";
      input.setAttribute("aria-label", `${name}, ${end === "low" ? "at least" : "at most"}`);
      return input;
    });
    const range = make("fieldset", "range", make("legend", "", name), make("div", "", ends[0], "–", ends[1]));
    field("ranges").append(range);
  }
}

// And on negative flips, if there are any
function openOnNegativeFlips(rows) {
  recount(rows);
  if (!rows.some((row) => row.negative > 0 && within(field("split").value, row.split))) return;
  field("show").querySelector("[value=negative]").defaultSelected = true;
  field("filters").reset();
}

// Table

function bar(share, kind) {
  const fill = make("span");
  fill.style.width = `${100 * (share ?? 0)}%`;
  return make("div", `bar ${kind}`, make("span", "", fill), make("b", "", percent(share)));
}

const flips = (row) => row.two ? drawTwo(row.two) : make("div", "flips", ...["positive", "negative", "wrong"].filter((key) => row[key]).map((key) =>
  make("span", `flip ${key}`, `${row[key]} ${key}`)));

// As Tabulator sorts texts, at a third of its time
const collator = new Intl.Collator("en");
const textual = { sorter: (a, b) => collator.compare(a, b) };
const empty = { alignEmptyValues: "bottom" };
const numeric = { sorter: "number", sorterParams: empty, headerSortStartingDir: "desc", resizable: false };

function columns(rows) {
  const known = (key) => rows.some((row) => row[key] !== null);
  // Tabulator takes strings for HTML, so all are wrapped
  const of = (draw) => ({ formatter: (cell) => {
    const drawn = draw(cell.getData());
    return drawn instanceof Node ? drawn : document.createTextNode(drawn);
  } });
  return [
    { title: "Text", field: "text", ...textual, minWidth: 186, widthGrow: 5, responsive: 0,
      ...of((row) => make("div", "clamp", ...marked(row.pair === null ? row.text : `${row.text} | ${row.pair}`))) },
    { title: "Class", field: "label", ...textual, width: 96, responsive: 6, ...of((row) => make("div", "clamp", row.label)) },
    { title: "Right before", field: "rightBefore", width: 130, responsive: 2, ...numeric, ...of((row) => bar(row.rightBefore, "before")) },
    { title: "Right after", field: "rightAfter", width: 120, responsive: 1, ...numeric, ...of((row) => bar(row.rightAfter, "after")) },
    { title: "PIE in", field: "pie", width: 80, responsive: 5, ...numeric, ...of((row) => `${row.pie} of ${row.group.cells.length}`) },
    { title: "More?", headerTooltip: `More than ${BY_ITSELF}?`, field: "tier", width: 92, responsive: 3, ...numeric, ...of((row) => TIERS[row.tier] || "–") },
    { title: "Prob.", field: "probability", width: 80, responsive: 7, ...numeric, ...of((row) => percent(row.probability)) },
    { title: "Shift", field: "shift", width: 72, responsive: 8, ...numeric, ...of((row) => signed(row.shift)) },
    { title: "Flips", field: "balance", width: 98, responsive: 4, ...numeric, ...of(flips) },
    { title: "Words", field: "tokens", width: 86, responsive: 9, ...numeric },
    { title: "Ease", field: "ease", width: 76, responsive: 10, visible: known("ease"), ...numeric },
    { title: "Bin", field: "bin", width: 68, responsive: 11, visible: known("bin"), ...numeric },
    { title: "Dataset", field: "dataset", width: 120, responsive: 12, visible: DATA.datasets.length > 1, ...textual },
  ];
}

const SORTS = {
  pie: "PIE in", tier: `more than ${BY_ITSELF}?`, probability: "PIE probability", shift: "shift", balance: "negative minus positive flips", rightBefore: "right before", rightAfter: "right after",
  tokens: "length", ease: "reading ease", bin: "influence bin", label: "true class", dataset: "dataset", text: "text",
};

// Detail

function voteChart(row) {
  const { classes, cells, before } = row.group;
  const share = (side, label) => side.length
    ? side.reduce((sum, cell) => sum + cell.votes[row.split][row.j * classes.length + label] / cell.seeds, 0) / side.length : 0;
  const head = make("tr", "", ...["Class", `Before (${unique(before.map(({ baseline }) => baseline)).join(" or ")})`, "After"].map((name) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const body = classes.flatMap((name, label) => {
    const isTrue = row.labels.includes(label);
    const shares = [share(before, label), share(cells, label)];
    if (!isTrue && classes.length > 8 && shares[0] + shares[1] === 0) return [];
    const title = make("th", isTrue ? "true" : "", isTrue ? `${name} (true)` : String(name));
    title.scope = "row";
    return [make("tr", "", title, make("td", "", bar(shares[0], "before")), make("td", "", bar(shares[1], "after")))];
  });
  return make("table", "votes", make("thead", "", head), make("tbody", "", ...body));
}

function marks(row, model) {
  const cells = DATA.cells.filter((cell) => cell.dataset === row.dataset && cell.model === model);
  const order = (cell) => (cell.is_compressed ? cell.level : Infinity); // what is not compressed goes last
  const levels = unique([...cells].sort((a, b) => order(a) - order(b)).map((cell) => cell.level_text));
  const isLong = levels.length > MOST_COLUMNS;
  const heads = ["Method", ...(isLong ? ["Level", "Flip"] : levels)].map((name) => heading(name, "col"));
  const body = unique(cells.map((cell) => `${cell.method}, against ${cell.baseline}`)).flatMap((name) => {
    const found = levels.map((level) => cells.find((one) => `${one.method}, against ${one.baseline}` === name && one.level_text === level));
    if (!isLong) return [make("tr", "", heading(name, "row"), ...found.map((cell) => mark(cell, row)))];
    const own = found.filter(Boolean);
    const title = heading(name, "rowgroup");
    title.rowSpan = own.length;
    return own.map((cell, index) => make("tr", "", ...(index ? [] : [title]), heading(cell.level_text, "row"), mark(cell, row)));
  });
  const table = make("table", isLong ? "marks long" : "marks", make("caption", "", model), make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...body));
  const region = make("div", "scroll", table);
  region.tabIndex = 0;  // so that it scrolls by keyboard
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", `Flips, ${model}`);
  return region;
}

function heading(name, scope) {
  return Object.assign(make("th", "", name), { scope });
}

function mark(cell, row) {
  if (!cell) return make("td");
  const flip = FLIPS[cell.flips[row.split][row.j]];
  const right = row.labels.length ? [cell.before, cell].map((side) => percent(shareRight(side, row))).join(" → ").replace(" %", "") : "";
  const sure = TIERS[cell.tiers[row.split][row.j]];
  const probability = marginOf(cell, "pie_probability", row);
  const probable = probability === null ? "" : `PIE ${percent(probability)}, shift ${signed(marginOf(cell, "shift", row))}`;
  const element = make("td", cell.collapsed ? "collapsed" : "", make("span", `flip ${flip}`, flip || "–"), make("small", "", right), make("small", "", probable),
    ...[sure && `more than ${BY_ITSELF}: ${sure}`, cell.collapsed && "collapsed"].filter(Boolean).map((word) => make("em", "", word)));
  element.title = labelOf(cell);
  return element;
}

// What a text is close to, and its measures beside the median of its dataset and split
function reasons(row) {
  const group = `${row.dataset}/${row.split}`;
  const shown = (value) => (value === null || value === undefined ? "–" : String(value));
  const measured = (DATA.factors ?? []).map(({ column, name, medians }) => [name, DATA.examples[column][row.i], medians[group]])
    .filter(([, value]) => value !== null);
  const near = row.near.map((one) => DATA.training[row.dataset][one]);
  const head = make("tr", "", ...["Measure", "This text", "Median"].map((name) => heading(name, "col")));
  const body = measured.map(([name, value, median]) => make("tr", "", heading(name, "row"), make("td", "", shown(value)), make("td", "", shown(median))));
  return [
    ...(row.why === null ? [] : [make("h3", "", "Why this text"), make("p", "why", `${row.why[0].toUpperCase()}${row.why.slice(1)}.`)]),
    ...(near.length ? [make("h3", "", "Nearest training texts"), make("ol", "near", ...near.map(([label, text]) => make("li", "", make("b", "", label), ` ${text}`)))] : []),
    ...(measured.length ? [make("details", "", make("summary", "", "Its measures beside the median"), make("table", "measures", make("thead", "", head), make("tbody", "", ...body)))] : []),
  ];
}

function button(name, className, act, enabled = true) {
  const element = make("button", className, name);
  element.type = "button";
  element.disabled = !enabled;
  element.addEventListener("click", act);
  return element;
}

function showDetail(row, step) {
  const title = make("h2", "", `${row.dataset}, ${row.split} example ${row.id}`);
  title.tabIndex = -1;
  const facts = [["True class", row.label], ["Words", row.tokens], ["Reading ease", row.ease], ["Influence bin", row.bin],
    ["PIE in", `${row.pie} of ${row.group.cells.length} chosen combinations`],
    ["PIE probability", row.probability === null ? null : percent(row.probability)],
    ["Shift", row.shift === null ? null : `${signed(row.shift)} log odds of the true class`],
    [`More than ${BY_ITSELF}?`, row.pie ? TIERS[row.tier] || "unclear" : null]].filter(([, value]) => value !== null);
  const { cells } = row.group;
  const chosen = row.two ? "both cells, before and after" : cells.length === 1 ? `${cells[0].model}, ${labelOf(cells[0])}` : `the ${cells.length} chosen combinations`;
  field("detail").replaceChildren(
    title,
    make("div", "walk", button("← Previous", "", () => step(-1)), button("Next →", "", () => step(1)),
      button("Back to the list", "back", () => field("table").scrollIntoView())),
    ...[row.text, row.pair].filter((text) => text !== null).map((text) =>
      Object.assign(make("blockquote", "", ...marked(text)), { tabIndex: 0 })), // long ones scroll
    make("dl", "", ...facts.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", String(value))])),
    ...answersOf(row),
    make("h3", "", `Votes in ${chosen}`), row.two ? twoCharts(row, comparedCells()) : voteChart(row),
    ...reasons(row),
    make("h3", "", "Where it is a PIE"),
    make("p", "quiet", `The flip (positive, negative, or both wrong), below it the share of models that is right before and after, the probability that it is a PIE, the shift, and “yes” or “probably” where ${BY_ITSELF} would hardly change as much.`),
    ...unique(DATA.cells.filter((cell) => cell.dataset === row.dataset).map((cell) => cell.model)).map((model) => marks(row, model)));
}

// Page

async function start() {
  await Promise.all([...DATA.cells, ...DATA.baselines].map(decode));
  for (const cell of DATA.cells) {
    cell.before = DATA.baselines.find((one) => ["dataset", "model", "baseline", "seeds"].every((key) => one[key] === cell[key]));
  }
  const rows = makeRows();
  makeFilters(rows);
  openOnNegativeFlips(rows);
  let current = null;
  const address = readAddress();
  const [column, dir] = (address.sort ?? "").split(".");
  const keyOf = (row) => `${row.dataset}/${row.split}/${row.id}`;
  const rowOf = (text) => rows.find((row) => keyOf(row) === text) ?? null;
  const table = new Tabulator("#table", {
    data: [], index: "i", columns: columns(rows), layout: "fitColumns", responsiveLayout: "hide",
    rowHeight: 54, selectableRows: 1,
    initialSort: column in SORTS && ["asc", "desc"].includes(dir) ? [{ column, dir }]
      : [{ column: "balance", dir: "desc" }, { column: "tier", dir: "desc" }], // the surest first, of equals those that flip in most cells
    placeholder: "No text fits these filters.", columnDefaults: { headerHozAlign: "left" },
    rowFormatter: (row) => {
      row.getElement().tabIndex = 0;
      row.getElement().dataset.i = row.getIndex();
    },
  });
  await new Promise((resolve) => table.on("tableBuilt", resolve));
  field("table").querySelector(".tabulator-tableholder").removeAttribute("tabindex"); // its rows have the focus

  const step = (by) => {
    const row = table.getRow(current.i);
    const next = by < 0 ? row.getPrevRow() : row.getNextRow();
    if (next) choose(next, true);
  };
  const choose = (row, focus) => {
    current = row.getData();
    table.deselectRow();
    row.select();
    showDetail(current, step);
    remember(false);
    if (focus) table.scrollToRow(row, "nearest", false).then(() => row.getElement().focus({ preventScroll: true }));
  };
  // A changed filter can be undone by Back; a chosen text, a sort or a letter more of a word only changes the address
  let remembering = 0;
  const remember = (isStep) => {
    clearTimeout(remembering);
    const write = () => {
      const { field: key, dir } = table.getSorters().at(-1) ?? {}; // the last one leads
      const hash = addressOf(key === "tier" && dir === "desc" ? "" : `${key}.${dir}`, current && keyOf(current));
      if (hash !== (location.hash || "#")) history[isStep ? "pushState" : "replaceState"](null, "", hash);
    };
    if (isStep) write();
    else remembering = setTimeout(write, 200);
  };
  const count = (shown) => {
    field("count").value = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} texts`;
  };
  async function update(recounts, isStep = false) {
    document.documentElement.dataset.state = "busy";
    if (isStep) remember(true);
    if (recounts) recount(rows);
    const kept = rows.filter(keeps());
    await table.replaceData(kept);
    count(kept.length);
    if (!kept.includes(current)) current = null;
    if (current) choose(table.getRow(current.i), false);
    else if (kept.length && matchMedia("(min-width: 1000px)").matches) choose(table.getRowFromPosition(1), false);
    else {
      field("detail").replaceChildren(make("p", "quiet", kept.length ? "Choose a text to read it." : "No text chosen."));
      remember(false);
    }
    document.documentElement.dataset.state = "ready";
  }

  const sorted = () => {
    const { field: key, dir } = table.getSorters().at(-1) ?? {}; // the last one leads
    if (!key) return;
    field("sort").value = key;
    field("direction").textContent = dir === "asc" ? "↑ ascending" : "↓ descending";
    field("direction").value = dir;
  };
  for (const column of table.getColumns().filter((one) => one.getDefinition().visible !== false)) {
    field("sort").append(new Option(SORTS[column.getField()], column.getField()));
  }
  const sort = (dir) => table.setSort(field("sort").value, dir);
  field("sort").addEventListener("change", () => sort(field("direction").value || "desc"));
  field("direction").addEventListener("click", () => sort(field("direction").value === "asc" ? "desc" : "asc"));
  table.on("dataSorted", () => {
    sorted();
    remember(false);
  });
  sorted();

  const recounting = new Set(["model", "method", "level", "baseline", "collapsed", "first", "second"]);
  let timer = 0;
  field("filters").addEventListener("submit", (event) => event.preventDefault());
  field("filters").addEventListener("input", (event) => {
    if (event.target.id === "dataset") classOptions();
    document.documentElement.dataset.state = "busy";
    clearTimeout(timer);
    const isTyped = event.target instanceof HTMLInputElement;
    timer = setTimeout(update, isTyped ? 150 : 0, recounting.has(event.target.id), !isTyped);
  });
  field("filters").addEventListener("reset", () => setTimeout(() => { classOptions(); update(true, true); }));
  addEventListener("popstate", () => {
    current = rowOf(readAddress().text);
    update(true);
  });
  field("save").addEventListener("click", () => saveCsv(table.getData("active")));
  table.on("rowClick", (event, row) => {
    choose(row, false);
    if (!matchMedia("(min-width: 1000px)").matches) field("detail").scrollIntoView();
  });
  field("table").addEventListener("keydown", (event) => {
    const element = event.target.closest(".tabulator-row");
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!element || !(move || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    const row = table.getRow(Number(element.dataset.i));
    choose(row, false);
    if (move) step(move);
  });
  current = rowOf(address.text);
  field("compare").open = comparedCells().length > 0;
  await update(true);
}

start();
