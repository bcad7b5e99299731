// Texts of the grid.
import { number as n } from "./format";

const cells = (k: number) => `${n(k)} ${k === 1 ? "cell" : "cells"}`;

export const g = {
  record: "Record",
  recordN: (k: number) => `Record ${n(k)}`,
  inRow: (tone: string, k: number, line?: number) =>
    `${tone === "error" ? "Error" : "Warning"} in row #${k}${line ? ` (line ${line})` : ""}.`,
  cellOf: (heading: string, k: number) => `${heading}, record ${n(k)}`,
  tools: "Sheet",
  choices: "Choices",
  again: "Try again",
  close: "Close",
  done: "Done",
  previous: "Previous",
  next: "Next",
  previousProblem: "Previous problem (Shift F8)",
  nextProblem: "Next problem (F8)",
  nextProblemShort: "Next problem",
  noProblemAfter: "No problem below.",
  noProblemBefore: "No problem above.",
  find: "Find and replace (Ctrl F)",
  findText: "Find",
  findNext: "Find next",
  replaceBy: "Replace by",
  replace: "Replace",
  replaceAll: "Replace all",
  where: "Where to look",
  everywhere: "All columns",
  exact: "Match case",
  findWhat: "Write what to find.",
  notFound: (t: string) => `“${t}” is nowhere here.`,
  replaced: (k: number) => `${cells(k)} changed`,
  replacedFirst: (k: number) => `${cells(k)} changed; there are more, so replace all again.`,
  undo: "Undo (Ctrl Z)",
  redo: "Redo (Ctrl Shift Z)",
  nothingToUndo: "Nothing to undo.",
  nothingToRedo: "Nothing to redo.",
  undone: (k: number) => `Undone: ${cells(k)}.`,
  redone: (k: number) => `Done again: ${cells(k)}.`,
  editRecord: "Edit record",
  take: (v: string) => `Use “${v}”`,
  saving: "Saving…",
  saved: "Saved",
  f8: "next problem",
  f2: "edit",
  copied: (k: number) => `${cells(k)} copied.`,
  pasted: (k: number) => `${cells(k)} pasted.`,
  pasteEmpty: "There is nothing to paste.",
  pasteWide: (w: number, room: number) =>
    `Nothing was pasted: the copied block is ${n(w)} columns wide, and from here there are ${n(room)}.`,
  pasteHigh: (h: number, room: number) =>
    `Nothing was pasted: the copied block has ${n(h)} rows, and from here there are ${n(room)}.`,
  tooMany: (most: number) =>
    `Nothing was changed: at most ${cells(most)} go at once. Use find and replace for more.`,
  keys: "Arrow keys move. Enter or F2 edits, typing replaces. F8 goes to the next problem, Shift F8 to the one before. Control Enter takes the suggestion. Control F finds and replaces. Tab leaves the sheet.",
};
