import { signal, computed } from "@preact/signals";

// where is the address bar as a signal; routes are plain paths, and filters live
// in the query, so that every state of a list is a link.
const where = signal(location.pathname + location.search);
export const path = computed(() => where.value.split("?")[0]!.replace(/(.)\/$/, "$1"));
export const query = computed(() => new URLSearchParams(where.value.split("?")[1] ?? ""));

// guard may refuse to leave a page with unsaved input.
let guard: (() => boolean) | null = null;
export function onLeave(f: (() => boolean) | null) {
  guard = f;
}

export function navigate(to: string, opt: { replace?: boolean; quiet?: boolean } = {}) {
  if (!opt.replace && guard && !guard()) return;
  const before = path.value;
  if (opt.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  where.value = location.pathname + location.search;
  if (path.value !== before && !opt.quiet) arrive();
}

// setQuery changes parameters of the present address; "" removes one.
export function setQuery(
  change: Record<string, string | null>,
  opt: { replace?: boolean } = { replace: true },
) {
  const q = new URLSearchParams(query.value);
  for (const [k, v] of Object.entries(change)) v ? q.set(k, v) : q.delete(k);
  const text = q.toString();
  navigate(path.value + (text ? "?" + text : ""), opt);
}

// match compares the path with a pattern such as "/leads/:id".
export function match(pattern: string): Record<string, string> | null {
  const want = pattern.split("/");
  const got = path.value.split("/");
  if (want.length !== got.length) return null;
  const found: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    if (want[i]!.startsWith(":")) found[want[i]!.slice(1)] = decodeURIComponent(got[i]!);
    else if (want[i] !== got[i]) return null;
  }
  return found;
}

// arrive moves the focus to the new page's heading and scrolls to its top.
function arrive() {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }),
  );
}

addEventListener("popstate", () => {
  where.value = location.pathname + location.search;
  arrive();
});

document.addEventListener("click", (e) => {
  if (e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  const a = (e.target as Element).closest?.("a");
  if (
    !a ||
    a.target ||
    a.hasAttribute("download") ||
    a.origin !== location.origin ||
    a.pathname.startsWith("/api/")
  )
    return;
  if (a.hash && a.pathname === location.pathname) return;
  e.preventDefault();
  navigate(a.pathname + a.search);
});

// title keeps the tab's name in step with the page.
export function title(text: string) {
  document.title = text ? `${text} · Leadport` : "Leadport";
}
