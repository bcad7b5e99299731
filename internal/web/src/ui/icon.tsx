import { h } from "preact";
import * as c from "./ui.module.css";

type Shapes = [string, Record<string, string>][];

// Icon draws one of lucide's icons. It is decoration: its text stands beside it
// or is the button's label.
export function Icon({ of, size = 16, class: more = "" }: { of: Shapes; size?: number; class?: string }) {
  return (
    <svg
      class={`${c.icon} ${more}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={size > 20 ? 1.5 : 1.9}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {of.map(([tag, attrs]) => h(tag, attrs))}
    </svg>
  );
}
