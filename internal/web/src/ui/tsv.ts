// What spreadsheets put on the clipboard: rows of cells between tabs, with
// quotes around a cell that holds a tab, a line break or a quote.

export function toTSV(rows: string[][]): string {
  return rows
    .map((r) => r.map((v) => (/["\t\n\r]/.test(v) ? `"${v.replace(/"/g, '""')}"` : v)).join("\t"))
    .join("\n");
}

export function fromTSV(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  const body = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (;;) {
    let cell = "";
    const whole = body[at] === '"' ? /"((?:[^"]|"")*)"(?=[\t\n]|$)/y : null;
    if (whole) whole.lastIndex = at;
    const quoted = whole?.exec(body);
    if (quoted) {
      cell = quoted[1]!.replace(/""/g, '"');
      at += quoted[0].length;
    } else {
      const end = /[\t\n]/g;
      end.lastIndex = at;
      const stop = end.exec(body)?.index ?? body.length;
      cell = body.slice(at, stop);
      at = stop;
    }
    row.push(cell);
    if (body[at] === "\t") {
      at++;
      continue;
    }
    rows.push(row);
    row = [];
    if (at >= body.length) return rows;
    at++;
  }
}
