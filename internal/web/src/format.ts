// How numbers, times and sizes are written, in the person's own locale.
const locale = navigator.language || "en";
const whole = new Intl.NumberFormat(locale);
const percentFormat = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const dayThisYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const timeFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });

export const number = (n: number) => whole.format(n);
export const percent = (n: number) => percentFormat.format(n);

export function day(t: string | number | Date): string {
  const d = typeof t === "string" && /^\d{4}-\d\d-\d\d$/.test(t) ? new Date(t + "T00:00:00") : new Date(t);
  if (isNaN(+d)) return String(t);
  return d.getFullYear() === new Date().getFullYear() ? dayThisYear.format(d) : dayFormat.format(d);
}
export function moment(t: string | number | Date): string {
  const d = new Date(t);
  return isNaN(+d) ? String(t) : `${day(d)}, ${timeFormat.format(d)}`;
}
export function ago(t: string | number | Date): string {
  const d = new Date(t);
  const sec = (+d - Date.now()) / 1000;
  if (isNaN(sec)) return String(t);
  if (Math.abs(sec) < 60)
    return relative.format(0, "minute").replace(/^0.*/, "") || relative.format(0, "second");
  if (Math.abs(sec) < 3600) return relative.format(Math.round(sec / 60), "minute");
  if (Math.abs(sec) < 86400) return relative.format(Math.round(sec / 3600), "hour");
  if (Math.abs(sec) < 7 * 86400) return relative.format(Math.round(sec / 86400), "day");
  return day(d);
}
export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let i = 0;
  while (bytes >= 1000 && i < 3) {
    bytes /= 1000;
    i++;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[i],
    unitDisplay: i ? "short" : "long",
    maximumFractionDigits: bytes < 10 && i > 0 ? 1 : 0,
  }).format(bytes);
}
export function duration(sec: number): string {
  const unit = (n: number, u: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: u, unitDisplay: "short" }).format(n);
  if (sec < 60) return unit(Math.max(1, Math.round(sec)), "second");
  if (sec < 3600) return unit(Math.round(sec / 60), "minute");
  return unit(Math.floor(sec / 3600), "hour") + " " + unit(Math.round((sec % 3600) / 60), "minute");
}
