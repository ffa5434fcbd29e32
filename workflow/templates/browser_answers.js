"use strict";
// Generated answers before and after, with what differs marked.

// The lengths of what two texts begin and end with alike
function alike(before, after) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return [start, end];
}

function answerText(text, start, end, tag) {
  const middle = text.slice(start, text.length - end);
  return Object.assign(make("blockquote", "answer", text.slice(0, start), ...(middle ? [make(tag, "", middle)] : []),
    text.slice(text.length - end), ...(text ? [] : [make("em", "", "empty")])), { tabIndex: 0 });
}

function bothAnswers(found) {
  if (typeof found === "string") return [make("p", "quiet", "The same text before and after:"), answerText(found, 0, 0, "del")];
  const [before, after] = found;
  const [start, end] = alike(before, after);
  return [make("p", "quiet", `The first ${start.toLocaleString("en")} characters are the same. Before:`), answerText(before, start, end, "del"),
    make("p", "quiet", "After:"), answerText(after, start, end, "ins")];
}

// Of each chosen cell, where answers are generated
function answersOf(row) {
  if (!DATA.answers || row.split !== "test") return [];
  return row.group.cells.flatMap((cell) => {
    const found = DATA.answers[DATA.cells.indexOf(cell)][row.j] ?? null;
    return found === null ? [] : [make("h3", "", `Answers, ${cell.model}, ${labelOf(cell)}`), ...bothAnswers(found)];
  });
}
