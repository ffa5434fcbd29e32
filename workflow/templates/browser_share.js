"use strict";
// What is shown, to keep and to send: the page's address and a csv file.

// Address: #control=value for each filter that is not at its default, the sort, and the chosen text

const controls = () => [...field("filters").elements].filter((one) => one.id && "value" in one && one.type !== "fieldset");

const defaultOf = (control) => control instanceof HTMLSelectElement
  ? ([...control.options].find((option) => option.defaultSelected) ?? control.options[0])?.value ?? "" : control.defaultValue;

function addressOf(sort, text) {
  const said = new URLSearchParams();
  for (const control of controls()) {
    if (control.value !== defaultOf(control)) said.set(control.id, control.value);
  }
  if (sort) said.set("sort", sort);
  if (text) said.set("text", text);
  return `#${said}`;
}

// Sets the filters as the address says and returns the rest of it; what it does not know stays as it is
function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  for (const control of controls()) { // the dataset comes before the class, whose options hang on it
    control.value = defaultOf(control);
    const value = said.get(control.id) ?? control.value;
    const known = !(control instanceof HTMLSelectElement) || [...control.options].some((option) => option.value === value);
    if (known) control.value = value;
    if (control.id === "dataset") classOptions();
  }
  return { sort: said.get("sort"), text: said.get("text") };
}

// File

const CSV = {
  dataset: (row) => row.dataset, split: (row) => row.split, example_id: (row) => row.id,
  label: (row) => row.label, text: (row) => row.text, text_pair: (row) => row.pair,
  right_before: (row) => row.rightBefore, right_after: (row) => row.rightAfter,
  pie_in: (row) => row.pie, of_cells: (row) => row.group.cells.length,
  positive: (row) => row.positive, negative: (row) => row.negative, both_wrong: (row) => row.wrong,
  tier: (row) => (row.pie ? TIERS[row.tier] || "unclear" : null),
  pie_probability: (row) => row.probability, shift: (row) => row.shift,
  tokens: (row) => row.tokens, flesch_reading_ease: (row) => row.ease, influence_bin: (row) => row.bin,
};

const CSV_OF_TWO = { // the flip in each of two cells
  flip_in_first: (row) => FLIPS[row.two[0]] || null, flip_in_second: (row) => FLIPS[row.two[1]] || null,
};

// A spreadsheet would run a text that begins as a formula does: an apostrophe stops it
function quoted(value) {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function saveCsv(rows) {
  const columns = comparedCells().length ? { ...CSV, ...CSV_OF_TWO } : CSV;
  const lines = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((read) => read(row)))];
  const text = `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "pies.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
