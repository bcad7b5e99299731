// Pairs of leads that may be the same, to be merged or kept apart.
import { useEffect, useRef, useState } from "preact/hooks";
import * as c from "./leads.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed } from "../app";
import { useLoad } from "../load";
import { elements, elementText, know, type Lead, text } from "../desk";
import { ago } from "../format";
import { Badge, Button, Empty, LinkButton, Loading, toast } from "../ui/kit";
import iMerge from "../../vendor/lucide/merge.svg";
import iFiles from "../../vendor/lucide/files.svg";

// shares says what two leads have in common.
export const shares = (by: string[]) => s.twins.same(by.map((b) => s.twins.by[b] ?? b));

// keepApart says that two leads are not the same, which can be taken back.
export async function keepApart(a: number, b: number, again: () => void) {
  try {
    await api.setSeparate(a, b, true);
    toast(s.twins.kept, {
      action: {
        label: s.undo,
        run: () => api.setSeparate(a, b, false).then(again, (e) => toast(api.say(e), { tone: "error" })),
      },
    });
    again();
  } catch (e) {
    toast(api.say(e), { tone: "error" });
  }
}

export function Twins() {
  const got = useLoad(async (abort) => {
    await know();
    return api.listTwins(undefined, abort);
  }, []);
  const [more, setMore] = useState<api.Twins[]>([]);
  const [next, setNext] = useState<string | undefined>(undefined);
  const first = useRef(got.data);
  useEffect(() => {
    if (got.data !== first.current) {
      first.current = got.data;
      setMore([]);
      setNext(got.data?.next);
    }
  }, [got.data]);
  if (got.error && !got.data) return <Failed error={got.error} again={got.again} />;
  if (!got.data) return <Loading />;
  const pairs = [...got.data.items, ...more];
  if (!pairs.length)
    return (
      <Empty icon={iFiles} title={s.twins.none}>
        {s.twins.noneText}
      </Empty>
    );
  const load = async () => {
    try {
      const page = await api.listTwins(next);
      setMore([...more, ...page.items]);
      setNext(page.next);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <div class={c.twins}>
      <p class={c.dim}>{got.data.count > 10000 ? s.twins.countMore : s.twins.count(got.data.count)}</p>
      <ul>
        {pairs.map((p) => (
          <li key={`${p.lead.id}-${p.other.id}`} class={c.pair}>
            <Side lead={p.other} />
            <Side lead={p.lead} />
            <div class={c.pairEnd}>
              <Badge tone={p.score >= 80 ? "warning" : "neutral"}>{shares(p.by)}</Badge>
              {(p.lead.may_edit || p.other.may_edit) && (
                <span class={c.pairActs}>
                  <Button small onClick={() => keepApart(p.lead.id, p.other.id, got.again)}>
                    {s.twins.apart}
                  </Button>
                  {p.other.may_edit && p.lead.may_delete && (
                    <LinkButton small icon={iMerge} href={`/leads/merge?ids=${p.other.id},${p.lead.id}`}>
                      {s.merge.merge}
                    </LinkButton>
                  )}
                </span>
              )}
            </div>
          </li>
        ))}
      </ul>
      {next && (
        <div>
          <Button onClick={load}>{s.imports.more}</Button>
        </div>
      )}
    </div>
  );
}

function Side({ lead }: { lead: Lead }) {
  const note = [
    text(lead, "company_name"),
    elements(lead, "emails").map((e) => elementText("emails", e))[0],
    elements(lead, "phones").map((e) => elementText("phones", e))[0],
  ]
    .filter(Boolean)
    .map((x) => `\u2068${x}\u2069`); // each isolated, whichever way it is written
  return (
    <div class={c.side}>
      <p>
        <a class={c.name} dir="auto" href={`/leads/${lead.id}`}>
          {text(lead, "name") || s.leads.noName}
        </a>{" "}
        <span class={c.dim}>{ago(lead.created_at)}</span>
      </p>
      <p class={c.dim}>{note.join(" · ") || " "}</p>
    </div>
  );
}
