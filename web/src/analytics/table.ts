/** What a chart shows, as a table: for reading it without the chart, and for taking it along. */

export type Cell = string | number | null;

export interface Column {
  title: string;
  /** Days come as `2026-03-01`, percents as 0 to 100; counts are whole, numbers are not. */
  kind: "text" | "day" | "count" | "number" | "percent";
}

export interface TableData {
  columns: Column[];
  rows: Cell[][];
}

/** The table as CSV (RFC 4180). A cell that is unknown is empty; none is a formula. */
export function toCsv({ columns, rows }: TableData): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function downloadCsv(table: TableData, name: string) {
  const address = URL.createObjectURL(new Blob([toCsv(table)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
