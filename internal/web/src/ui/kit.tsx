// The widgets. Each is the native element first; what it adds stands here.
import { type ComponentChildren, type JSX, createContext } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import * as c from "./ui.module.css";
import { Icon } from "./icon";
import { s } from "../strings";
import iX from "../../vendor/lucide/x.svg";
import iOk from "../../vendor/lucide/circle-check.svg";
import iWarn from "../../vendor/lucide/triangle-alert.svg";
import iError from "../../vendor/lucide/circle-alert.svg";
import iInfo from "../../vendor/lucide/info.svg";
import iSearch from "../../vendor/lucide/search.svg";
import iLoad from "../../vendor/lucide/loader-circle.svg";
import iBack from "../../vendor/lucide/chevron-left.svg";
import iInto from "../../vendor/lucide/chevron-right.svg";
import iCheck from "../../vendor/lucide/check.svg";

export type Tone = "ok" | "warning" | "error" | "info" | "accent" | "neutral";
type Shapes = [string, Record<string, string>][];
type Kids = { children?: ComponentChildren };

export function cx(...names: (string | false | undefined | null)[]): string {
  return names.filter(Boolean).join(" ");
}

// ---- Button

type ButtonLook = {
  look?: "plain" | "primary" | "danger" | "quiet";
  small?: boolean;
  icon?: Shapes;
  busy?: boolean;
  label?: string; // for a button that shows an icon only
  class?: string;
};

function buttonClass(p: ButtonLook, kids: ComponentChildren): string {
  return cx(
    c.button,
    p.look === "primary" && c.primary,
    p.look === "danger" && c.danger,
    p.look === "quiet" && c.quiet,
    p.small && c.small,
    !kids && c.only,
    p.class,
  );
}

export function Button({
  look,
  small,
  icon,
  busy,
  label,
  class: more,
  children,
  ...rest
}: ButtonLook & Kids & Omit<JSX.IntrinsicElements["button"], "icon" | "class" | "label">) {
  return (
    <button
      type="button"
      aria-label={label}
      {...rest}
      class={buttonClass({ look, small, class: more }, children)}
      title={children ? undefined : label}
      aria-busy={busy || undefined}
    >
      {busy ? <Icon of={iLoad} class={c.spin} /> : icon && <Icon of={icon} />}
      {children}
    </button>
  );
}

export function LinkButton({
  look,
  small,
  icon,
  label,
  class: more,
  children,
  ...rest
}: ButtonLook & Kids & Omit<JSX.IntrinsicElements["a"], "icon" | "class" | "label">) {
  return (
    <a aria-label={label} {...(rest as object)} class={buttonClass({ look, small, class: more }, children)}>
      {icon && <Icon of={icon} />}
      {children}
    </a>
  );
}

// TextButton is a verb inside a sentence.
export function TextButton({ children, ...rest }: Kids & JSX.IntrinsicElements["button"]) {
  return (
    <button type="button" {...rest} class={c.plain}>
      {children}
    </button>
  );
}

// ---- Field, inputs

type FieldContext = { id: string; hint?: string; wrong?: string };
const FieldIDs = createContext<FieldContext | null>(null);

export function Field({
  label,
  hint,
  wrong,
  optional,
  children,
  class: more,
  hideLabel,
}: Kids & {
  label: string;
  hint?: ComponentChildren;
  wrong?: string | null;
  optional?: boolean;
  class?: string;
  hideLabel?: boolean;
}) {
  const id = useId();
  const ids = { id, hint: hint ? id + "-hint" : undefined, wrong: wrong ? id + "-wrong" : undefined };
  return (
    <div class={cx(c.field, more)}>
      <label class={hideLabel ? c.hide : c.label} for={id}>
        {label}
        {optional && <span class={c.optional}> · {s.optional}</span>}
      </label>
      <FieldIDs.Provider value={ids}>{children}</FieldIDs.Provider>
      {hint && (
        <p class={c.hint} id={ids.hint}>
          {hint}
        </p>
      )}
      {wrong && (
        <p class={c.wrong} id={ids.wrong}>
          <Icon of={iError} size={14} />
          {wrong}
        </p>
      )}
    </div>
  );
}

function described(f: FieldContext | null) {
  if (!f) return {};
  return {
    id: f.id,
    "aria-describedby": cx(f.hint, f.wrong) || undefined,
    "aria-invalid": f.wrong ? ("true" as const) : undefined,
  };
}

export function Input({
  compact,
  class: more,
  ...rest
}: { compact?: boolean } & Omit<JSX.IntrinsicElements["input"], "class"> & { class?: string }) {
  return (
    <input
      autocomplete="off"
      {...described(useContext(FieldIDs))}
      {...(rest as object)}
      class={cx(c.input, compact && c.compact, more)}
    />
  );
}

export function Area({
  class: more,
  ...rest
}: Omit<JSX.IntrinsicElements["textarea"], "class"> & { class?: string }) {
  return <textarea {...described(useContext(FieldIDs))} {...rest} class={cx(c.input, more)} />;
}

export function Select({
  compact,
  options,
  value,
  class: more,
  ...rest
}: { compact?: boolean; options: { value: string; label: string }[]; value: string; class?: string } & Omit<
  JSX.IntrinsicElements["select"],
  "class" | "value"
>) {
  return (
    <select
      {...described(useContext(FieldIDs))}
      {...(rest as object)}
      value={value}
      class={cx(c.input, compact && c.compact, more)}
    >
      {options.map((o) => (
        <option key={o.value} value={o.value} selected={o.value === value}>
          {o.label}
        </option>
      ))}
    </select>
  );
}

export function Check({ children, ...rest }: Kids & Omit<JSX.IntrinsicElements["input"], "type">) {
  return (
    <label class={c.check}>
      <input {...(rest as object)} type="checkbox" />
      <span>{children}</span>
    </label>
  );
}

export function Search({ label, ...rest }: { label: string } & JSX.IntrinsicElements["input"]) {
  return (
    <span class={c.searchBox} role="search">
      <Icon of={iSearch} />
      <Input type="search" aria-label={label} placeholder={label} {...(rest as object)} />
    </span>
  );
}

// ---- Floating layers

// place puts a layer below an element, or above it where there is no room, and
// inside the window.
export function place(layer: HTMLElement, at: DOMRect, end: boolean, wide: boolean) {
  layer.style.minWidth = `${Math.max(wide ? at.width : 0, 160)}px`;
  layer.style.maxWidth = `${Math.min(420, innerWidth - 16)}px`;
  const box = layer.getBoundingClientRect();
  const left = end ? at.right - box.width : at.left;
  layer.style.left = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
  const below = innerHeight - at.bottom - 12;
  const above = at.top - 12;
  if (box.height <= below || below >= above) {
    layer.style.top = `${at.bottom + 4}px`;
    layer.style.maxHeight = `${Math.min(400, below)}px`;
  } else {
    const height = Math.min(box.height, above, 400);
    layer.style.top = `${at.top - 4 - height}px`;
    layer.style.maxHeight = `${height}px`;
  }
}

// ---- Menu

// A body is a small form in the place of a list.
type MenuBody = (close: () => void) => ComponentChildren;
export type MenuItem =
  | {
      label: string;
      icon?: Shapes;
      onSelect?: () => void;
      href?: string;
      hint?: string;
      bad?: boolean;
      on?: boolean;
      download?: boolean;
      items?: MenuItem[];
      body?: MenuBody;
    }
  | "rule"
  | { group: string };

// An item with items of its own, or with a body, shows them in its place. class stands in for a button's look; its content is its name then.
export function Menu({
  items = [],
  body,
  label,
  icon,
  look = "quiet",
  small,
  children,
  end,
  class: own,
}: Kids & {
  items?: MenuItem[];
  body?: MenuBody;
  label?: string;
  icon?: Shapes;
  look?: ButtonLook["look"];
  small?: boolean;
  end?: boolean;
  class?: string;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [inside, setInside] = useState<{
    label: string;
    items?: MenuItem[];
    body?: MenuBody;
    at: number;
  } | null>(null);
  const back = useRef(-1);
  const form = inside ? inside.body : body;
  const enter = () => {
    const input = layer.current!.querySelector("input");
    input?.focus();
    if (input?.type === "text") input.click(); // a list opens
    return input;
  };
  // The choices of an item take the place of the list, and the focus; a form always has it.
  useEffect(() => {
    if (!open) return;
    place(layer.current!, button.current!.getBoundingClientRect(), !!end, false);
    if (form && enter()) return;
    layer.current!.querySelectorAll<HTMLElement>("[role^=menuitem]")[inside ? 1 : back.current]?.focus();
  }, [inside, open]);
  const leave = () => {
    back.current = inside!.at;
    setInside(null);
  };
  useEffect(() => {
    const el = layer.current!;
    const toggle = (e: Event) => {
      const now = (e as ToggleEvent).newState === "open";
      setOpen(now);
      if (!now) {
        setInside(null);
        back.current = -1;
      }
      if (now) {
        place(el, button.current!.getBoundingClientRect(), !!end, false);
        el.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
      }
    };
    el.addEventListener("toggle", toggle);
    return () => el.removeEventListener("toggle", toggle);
  }, []);
  const close = () => {
    layer.current!.hidePopover();
    button.current?.focus();
  };
  const keys = (e: KeyboardEvent) => {
    if (form) return;
    const all = [...layer.current!.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) {
      e.preventDefault();
      all.at(to % all.length)?.focus();
    }
    if (e.key === "Tab") close();
    if (e.key === "ArrowRight" && all[at]?.ariaHasPopup) all[at].click();
    if (e.key === "ArrowLeft" && inside) leave();
    if (e.key.length === 1 && !e.ctrlKey && !e.metaKey) {
      const next = [...all.slice(at + 1), ...all].find((x) =>
        x.textContent!.toLowerCase().startsWith(e.key.toLowerCase()),
      );
      next?.focus();
    }
  };
  return (
    <>
      <button
        type="button"
        ref={button}
        class={own ?? buttonClass({ look, small }, children)}
        aria-label={own ? undefined : label}
        title={children ? undefined : label}
        aria-haspopup={body ? "dialog" : "menu"}
        aria-expanded={open}
        popovertarget={id}
        onKeyDown={(e) => {
          if (e.key === "ArrowDown" && !open) {
            e.preventDefault();
            layer.current!.showPopover();
          }
        }}
      >
        {icon && <Icon of={icon} />}
        {children}
      </button>
      <div
        id={id}
        ref={layer}
        popover="auto"
        role={form ? "dialog" : "menu"}
        aria-label={inside?.body ? inside.label : label}
        class={c.float}
        onKeyDown={keys}
      >
        {inside && (
          <button
            type="button"
            class={cx(c.option, c.up)}
            tabindex={inside.body ? 0 : -1}
            role={inside.body ? undefined : "menuitem"}
            onClick={leave}
          >
            <Icon of={iBack} size={14} />
            <span class={c.optionText}>{inside.label}</span>
          </button>
        )}
        {form && open && <div class={c.menuBody}>{form(close)}</div>}
        {(inside ? (inside.items ?? []) : items).map((item, i) =>
          item === "rule" ? (
            <div key={i} role="separator" class={c.rule} />
          ) : "group" in item ? (
            <div key={i} class={c.groupName} role="presentation">
              {item.group}
            </div>
          ) : item.href ? (
            <a
              key={i}
              class={c.option}
              role="menuitem"
              tabindex={-1}
              href={item.href}
              download={item.download || undefined}
              onClick={() => close()}
            >
              {item.icon && <Icon of={item.icon} />}
              <span class={c.optionText}>{item.label}</span>
              {item.hint && <small>{item.hint}</small>}
            </a>
          ) : item.items || item.body ? (
            <button
              key={i}
              type="button"
              class={c.option}
              tabindex={-1}
              role="menuitem"
              aria-haspopup={item.body ? "dialog" : "menu"}
              onClick={(e) =>
                setInside({
                  label: item.label,
                  items: item.items,
                  body: item.body,
                  at: [...layer.current!.querySelectorAll("[role^=menuitem]")].indexOf(e.currentTarget),
                })
              }
            >
              {item.icon && <Icon of={item.icon} />}
              <span class={c.optionText}>{item.label}</span>
              <Icon of={iInto} size={14} class={c.ticked} />
            </button>
          ) : (
            <button
              key={i}
              type="button"
              class={cx(c.option, item.bad && c.bad)}
              tabindex={-1}
              role={item.on === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.on}
              onClick={() => {
                if (item.on === undefined || inside) close();
                item.onSelect?.();
              }}
            >
              {item.icon && <Icon of={item.icon} />}
              <span class={c.optionText}>{item.label}</span>
              {item.hint && <small>{item.hint}</small>}
              {item.on && <Icon of={iCheck} class={c.ticked} />}
            </button>
          ),
        )}
      </div>
    </>
  );
}

// ---- Combobox (WAI-ARIA APG, editable with list)

// A sticky option is offered whatever is looked for.
export type ComboOption = { value: string; label: string; note?: string; group?: string; sticky?: boolean };

export function Combobox({
  options,
  value,
  onChange,
  label,
  placeholder,
  compact,
  onSearch,
  invalid,
}: {
  options: ComboOption[];
  value: string;
  onChange: (value: string) => void;
  label?: string;
  placeholder?: string;
  compact?: boolean;
  onSearch?: (text: string) => void;
  invalid?: boolean;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState<string | null>(null); // null: closed, shows the value
  const [at, setAt] = useState(0);
  const ids = useContext(FieldIDs);
  const chosen = options.find((o) => o.value === value);
  const fold = (x: string) => x.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = fold(text ?? "")
    .split(/\s+/)
    .filter(Boolean);
  const found =
    text === null
      ? []
      : options
          .filter((o) => o.sticky || words.every((w) => fold(o.label + " " + (o.note ?? "")).includes(w)))
          .slice(0, 200);
  const open = text !== null;
  useLayoutEffect(() => {
    const el = list.current!;
    if (open && !el.matches(":popover-open")) el.showPopover();
    if (open) place(el, input.current!.getBoundingClientRect(), false, true);
    if (!open && el.matches(":popover-open")) el.hidePopover();
  }, [open, found.length]);
  useEffect(() => {
    if (open) list.current!.querySelector(`[data-on="true"]`)?.scrollIntoView({ block: "nearest" });
  }, [at, open]);
  const show = () => {
    if (open) return;
    setText("");
    setAt(
      Math.max(
        0,
        options.findIndex((o) => o.value === value),
      ),
    );
  };
  const take = (o?: ComboOption) => {
    if (o) onChange(o.value);
    setText(null);
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (!open) return show();
      setAt((at + (e.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length));
    } else if (e.key === "Enter" && open) {
      e.preventDefault();
      take(found[at]);
    } else if (e.key === "Escape" && open) {
      e.preventDefault();
      e.stopPropagation();
      setText(null);
    } else if (e.key === "Tab") setText(null);
  };
  let group = "";
  return (
    <div class={c.combo}>
      <input
        ref={input}
        id={ids?.id}
        class={cx(c.input, compact && c.compact)}
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-label={label}
        aria-expanded={open}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={open && found[at] ? `${id}-${at}` : undefined}
        aria-invalid={invalid ? "true" : undefined}
        aria-describedby={ids ? cx(ids.hint, ids.wrong) || undefined : undefined}
        placeholder={open ? chosen?.label || placeholder : placeholder}
        value={open ? text! : (chosen?.label ?? value)}
        onClick={show}
        onInput={(e) => {
          setText(e.currentTarget.value);
          setAt(0);
          onSearch?.(e.currentTarget.value);
        }}
        onKeyDown={keys}
        onBlur={() => setText(null)}
      />
      <div ref={list} id={id} popover="manual" role="listbox" aria-label={label ?? s.choices} class={c.float}>
        {found.map((o, i) => {
          const head = o.group && o.group !== group ? (group = o.group) : "";
          return (
            <>
              {head && (
                <div class={c.groupName} role="presentation">
                  {head}
                </div>
              )}
              <div
                key={o.value}
                id={`${id}-${i}`}
                role="option"
                aria-selected={o.value === value}
                data-on={i === at}
                class={c.option}
                onMouseDown={(e) => {
                  e.preventDefault();
                  take(o);
                }}
              >
                <span class={c.optionText}>{o.label}</span>
                {o.note && <small>{o.note}</small>}
              </div>
            </>
          );
        })}
        {open && !found.length && (
          <div class={c.option} role="option" aria-disabled="true" aria-selected="false">
            {s.nothingFound}
          </div>
        )}
      </div>
    </div>
  );
}

// ---- Badge, Dot, Notice

const toneClass = {
  ok: c.tOk,
  warning: c.tWarning,
  error: c.tError,
  info: c.tInfo,
  accent: c.tAccent,
  neutral: "",
};
const dotClass = {
  ok: c.dOk,
  warning: c.dWarning,
  error: c.dError,
  info: c.dInfo,
  accent: c.dAccent,
  neutral: "",
};
const markClass = {
  ok: c.mOk,
  warning: c.mWarning,
  error: c.mError,
  info: c.mInfo,
  accent: c.mInfo,
  neutral: "",
};
const toneIcon = { ok: iOk, warning: iWarn, error: iError, info: iInfo, accent: iInfo, neutral: iInfo };

export function Badge({
  tone = "neutral",
  dot,
  icon,
  children,
}: Kids & { tone?: Tone; dot?: boolean; icon?: Shapes }) {
  return (
    <span class={cx(c.badge, !dot && toneClass[tone])}>
      {dot && <span class={cx(c.dot, dotClass[tone])} />}
      {icon && <Icon of={icon} size={12} />}
      <span>{children}</span>
    </span>
  );
}

// Mark is a tone's icon in its colour.
export function Mark({ tone, size }: { tone: Tone; size?: number }) {
  return <Icon of={toneIcon[tone]} size={size} class={markClass[tone]} />;
}

export function Dot({ tone = "neutral" }: { tone?: Tone }) {
  return <span class={cx(c.dot, dotClass[tone])} aria-hidden="true" />;
}

export function Notice({
  tone = "neutral",
  children,
  end,
  live,
}: Kids & { tone?: Tone; end?: ComponentChildren; live?: boolean }) {
  return (
    <div
      class={cx(c.notice, toneClass[tone])}
      role={live ? (tone === "error" ? "alert" : "status") : undefined}
    >
      <Icon of={toneIcon[tone]} />
      <div class={c.noticeText} dir="auto">
        {children}
      </div>
      {end && <div class={c.noticeEnd}>{end}</div>}
    </div>
  );
}

export function Avatar({ name }: { name: string }) {
  const letters = name.trim().split(/\s+/).filter(Boolean);
  const text = letters.length
    ? [letters[0], letters.length > 1 ? letters.at(-1)! : ""].map((x) => [...(x ?? "")][0] ?? "").join("")
    : "?";
  return (
    <span class={c.avatar} aria-hidden="true">
      {text}
    </span>
  );
}

// ---- Dialog

export function Dialog({
  title,
  onClose,
  children,
  foot,
  wide,
}: Kids & { title: string; onClose: () => void; foot?: ComponentChildren; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const el = ref.current!;
    const from = document.activeElement as HTMLElement | null;
    el.showModal();
    return () => {
      el.close();
      from?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={cx(c.dialog, wide && c.wide)}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onMouseDown={(e) => {
        if (e.target === ref.current) onClose();
      }}
    >
      <div class={c.dialogHead}>
        <h2 id={id}>{title}</h2>
        <Button look="quiet" small icon={iX} label={s.close} onClick={onClose} />
      </div>
      <div class={c.dialogBody}>{children}</div>
      {foot && <div class={c.dialogFoot}>{foot}</div>}
    </dialog>
  );
}

// ---- Section: a part of a form, its name beside it

export function Section({ title, hint, children }: Kids & { title: string; hint?: ComponentChildren }) {
  return (
    <section class={c.section}>
      <div>
        <h2>{title}</h2>
        {hint && <p>{hint}</p>}
      </div>
      <div class={c.sectionBody}>{children}</div>
    </section>
  );
}

// ---- Tabs: links, since each has its own address

export function Tabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { href: string; label: ComponentChildren; on: boolean; count?: string }[];
}) {
  return (
    <nav class={c.tabs} aria-label={label}>
      {tabs.map((t) => (
        <a key={t.href} class={c.tab} href={t.href} aria-current={t.on ? "page" : undefined}>
          {t.label}
          {t.count && <span class={c.count}>{t.count}</span>}
        </a>
      ))}
    </nav>
  );
}

// ---- Toast

type ToastEntry = {
  id: number;
  tone: Tone;
  text: ComponentChildren;
  action?: { label: string; run: () => void };
};
const shown = signal<ToastEntry[]>([]);
let lastToast = 0;

export function toast(text: ComponentChildren, opt: { tone?: Tone; action?: ToastEntry["action"] } = {}) {
  const id = ++lastToast;
  shown.value = [...shown.value.slice(-3), { id, text, tone: opt.tone ?? "ok", action: opt.action }];
}
function dropToast(id: number) {
  shown.value = shown.value.filter((t) => t.id !== id);
}

// A toast waits while the pointer or the focus is on it (WCAG 2.2, 2.2.1).
function ToastLine({ t }: { t: ToastEntry }) {
  const [held, hold] = useState(false);
  useEffect(() => {
    if (held || t.tone === "error") return;
    const wait = setTimeout(() => dropToast(t.id), t.action ? 12000 : 6000);
    return () => clearTimeout(wait);
  }, [held]);
  return (
    <div
      class={c.toast}
      onMouseEnter={() => hold(true)}
      onMouseLeave={() => hold(false)}
      onFocusIn={() => hold(true)}
      onFocusOut={() => hold(false)}
    >
      <Mark tone={t.tone} />
      <div>{t.text}</div>
      {t.action && (
        <TextButton
          onClick={() => {
            dropToast(t.id);
            t.action!.run();
          }}
        >
          {t.action.label}
        </TextButton>
      )}
      <button type="button" class={cx(c.plain, c.close)} onClick={() => dropToast(t.id)} aria-label={s.close}>
        <Icon of={iX} />
      </button>
    </div>
  );
}

export function Toasts() {
  return (
    <div class={c.toasts} role="status" aria-live="polite">
      {shown.value.map((t) => (
        <ToastLine key={t.id} t={t} />
      ))}
    </div>
  );
}

// ---- Tooltip

export function Tooltip({ text, children }: Kids & { text: string }) {
  const id = useId();
  const at = useRef<HTMLSpanElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const show = () => {
    const el = tip.current!;
    if (!el.matches(":popover-open")) el.showPopover();
    place(el, at.current!.getBoundingClientRect(), false, false);
    el.style.minWidth = "0";
  };
  const hide = () => tip.current?.matches(":popover-open") && tip.current.hidePopover();
  return (
    <span
      ref={at}
      aria-describedby={id}
      onMouseEnter={show}
      onMouseLeave={hide}
      onFocusIn={show}
      onFocusOut={hide}
      onKeyDown={(e) => e.key === "Escape" && hide()}
    >
      {children}
      <span ref={tip} id={id} role="tooltip" popover="manual" class={c.tip}>
        {text}
      </span>
    </span>
  );
}

// ---- Table, Progress, Empty, Loading

export function TableBox({ label, children }: Kids & { label: string }) {
  return (
    <div class={c.scroll} role="region" aria-label={label} tabindex={0}>
      <table class={c.table}>{children}</table>
    </div>
  );
}
export const numeric: string = c.num;
export const hidden: string = c.hide;
export const kbd: string = c.kbd;
export const box: string = c.box;
export const option: string = c.option;
export const optionText: string = c.optionText;
export const groupName: string = c.groupName;

export function Progress({ value, max, label }: { value: number; max: number; label: string }) {
  return max > 0 ? (
    <progress class={c.progress} value={value} max={max} aria-label={label} />
  ) : (
    <span class={c.waiting} role="progressbar" aria-label={label} />
  );
}

export function Empty({
  icon,
  title,
  children,
  actions,
}: Kids & { icon: Shapes; title: string; actions?: ComponentChildren }) {
  return (
    <div class={c.empty}>
      <Icon of={icon} size={28} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div class={c.emptyActions}>{actions}</div>}
    </div>
  );
}

export function Bone({ width }: { width: string }) {
  return <span class={c.bone} style={{ width }} />;
}

export function Loading({ label = s.loading }: { label?: string }) {
  return (
    <div class={c.empty} role="status">
      <Icon of={iLoad} size={24} class={c.spin} />
      <p>{label}</p>
    </div>
  );
}
export const spin: string = c.spin;
