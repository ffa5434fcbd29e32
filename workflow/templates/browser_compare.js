"use strict";
// Two cells side by side: in which does a text flip?

const keyOfCell = (cell) => ["dataset", "model", "method", "level", "baseline"].map((key) => cell[key]).join("/");

// Both cells, once two are chosen; else none
function comparedCells() {
  const two = ["first", "second"].map((id) => DATA.cells.find((cell) => keyOfCell(cell) === field(id).value));
  return two.every(Boolean) ? two : [];
}

function compareOptions() {
  for (const id of ["first", "second"]) {
    const groups = new Map();
    for (const cell of DATA.cells) {
      const name = `${cell.dataset}, ${cell.model}`;
      if (!groups.has(name)) groups.set(name, Object.assign(make("optgroup"), { label: name }));
      groups.get(name).append(new Option(`${cell.model}, ${labelOf(cell)}`, keyOfCell(cell)));
    }
    field(id).replaceChildren(new Option("none chosen", ""), ...groups.values());
  }
}

// What each of the two cells does to a row, as codes of FLIPS; null of a dataset that is not both cells'
const flipsOfTwo = (row, two) => (two.length && two.every((cell) => cell.dataset === row.dataset)
  ? two.map((cell) => cell.flips[row.split][row.j]) : null);

const WHERE = {
  "": () => true,
  both: ([first, second]) => first > 0 && second > 0,
  first: ([first, second]) => first > 0 && second === 0,
  second: ([first, second]) => first === 0 && second > 0,
  unlike: ([first, second]) => first !== second,
};

const flipWord = (code) => make("span", `flip ${FLIPS[code]}`, FLIPS[code] || "–");

const drawTwo = (codes) => make("div", "flips two", ...codes.flatMap((code, index) =>
  [make("small", "", index ? "2nd" : "1st"), flipWord(code)]));

// A row a class, a column a cell: the share of the models that vote for it, before and after
function twoCharts(row, two) {
  const { classes } = row.group;
  const shares = (cell, label) => [cell.before, cell].map((side) => side.votes[row.split][row.j * classes.length + label] / cell.seeds);
  const head = ["Class", ...two.map((cell, index) => `${index ? "Second" : "First"}: ${cell.model}, ${labelOf(cell)}`)].map((name) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    return cell;
  });
  const flips = make("tr", "", Object.assign(make("th", "", "Flip"), { scope: "row" }), ...two.map((cell) => {
    const sure = TIERS[cell.tiers[row.split][row.j]];
    return make("td", "", flipWord(cell.flips[row.split][row.j]), sure ? ` ${sure}` : "");
  }));
  const body = classes.flatMap((name, label) => {
    const isTrue = row.labels.includes(label);
    const own = two.map((cell) => shares(cell, label));
    if (!isTrue && classes.length > 8 && own.flat().every((share) => share === 0)) return [];
    const title = Object.assign(make("th", isTrue ? "true" : "", isTrue ? `${name} (true)` : String(name)), { scope: "row" });
    return [make("tr", "", title, ...own.map(([before, after]) =>
      make("td", "", bar(before, "before"), bar(after, "after"))))];
  });
  return make("table", "votes two", make("thead", "", make("tr", "", ...head)), make("tbody", "", flips, ...body));
}
