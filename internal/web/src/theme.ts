// The theme of this device: the system's, or one a person chose.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const key = "leadport.theme";
const kept = (): Theme => {
  try {
    const t = localStorage.getItem(key);
    return t === "light" || t === "dark" ? t : "system";
  } catch {
    return "system";
  }
};

export const theme = signal<Theme>(kept());

export function setTheme(t: Theme) {
  theme.value = t;
  try {
    localStorage.setItem(key, t);
  } catch {
    /* it holds until the page is left */
  }
  show();
}

// show puts the theme into effect; the colours follow color-scheme.
export function show() {
  document.documentElement.style.colorScheme = theme.value === "system" ? "light dark" : theme.value;
}
