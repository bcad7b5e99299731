// What leads link to: an account, a contact or an opportunity, and its leads.
import { useState } from "preact/hooks";
import * as c from "./journey.module.css";
import * as api from "../api";
import { s } from "../strings";
import { Failed, Page } from "../app";
import { useLoad } from "../load";
import { know, personName, show, field, statusTone, text } from "../desk";
import { ago, moment } from "../format";
import { Badge, Button, Loading, TableBox, toast } from "../ui/kit";

export type LinkKind = "account" | "contact" | "opportunity";

// linkHref is where the page of what a lead links to is.
export const linkHref = (kind: LinkKind, which: string) =>
  `/${{ account: "accounts", contact: "contacts", opportunity: "opportunities" }[kind]}/${encodeURIComponent(which)}`;

export function LinkScreen({ kind, which }: { kind: LinkKind; which: string }) {
  const [more, setMore] = useState<api.Lead[]>([]);
  const [next, setNext] = useState<string | undefined>(undefined);
  const got = useLoad(
    async (abort) => {
      await know();
      const link = await api.getLink(kind, which, abort);
      const [page, made] = await Promise.all([
        api.listLeads({ linked: link.linked, limit: 50, count: true }, abort),
        link.import ? api.getImport(link.import, abort).catch(() => null) : null,
      ]);
      setMore([]);
      setNext(page.next);
      return { link, page, made };
    },
    [kind, which],
  );
  const crumb = { href: "/leads", label: s.leads.title };
  if (got.error && !got.data)
    return (
      <Page title={s.links[kind]} crumb={crumb}>
        <Failed error={got.error} again={got.again} />
      </Page>
    );
  if (!got.data)
    return (
      <Page title={s.links[kind]} crumb={crumb}>
        <Loading />
      </Page>
    );
  const { link, page, made } = got.data;
  const leads = [...page.items, ...more];
  const older = async () => {
    try {
      const p = await api.listLeads({ linked: link.linked, limit: 50, after: next });
      setMore([...more, ...p.items]);
      setNext(p.next);
    } catch (e) {
      toast(api.say(e), { tone: "error" });
    }
  };
  return (
    <Page title={link.name} crumb={crumb} beside={<Badge>{s.links[kind]}</Badge>}>
      <div class={c.part}>
        <div class={c.partHead}>
          <h2>{s.links.leads(page.count ?? leads.length)}</h2>
          {made && <p>{s.links.made(moment(made.at), personName(made.actor))}</p>}
        </div>
        <TableBox label={s.links.list}>
          <thead>
            <tr>
              {["name", "status", "company_name", "emails", "owner"].map((k) => (
                <th key={k}>{field(k)?.label}</th>
              ))}
              <th>{s.leads.created}</th>
            </tr>
          </thead>
          <tbody>
            {leads.map((l) => (
              <tr key={l.id}>
                <td dir="auto">
                  <a class={c.fileName} href={`/leads/${l.id}`}>
                    {text(l, "name") || s.leads.noName}
                  </a>
                </td>
                <td class={c.nowrap}>
                  <Badge dot tone={statusTone(text(l, "status"))}>
                    {show(field("status")!, l.values.status)}
                  </Badge>
                </td>
                <td dir="auto">{text(l, "company_name")}</td>
                <td dir="auto">{text(l, "emails")}</td>
                <td class={c.nowrap}>{personName(text(l, "owner"))}</td>
                <td class={c.nowrap}>
                  <time dateTime={l.created_at} title={moment(l.created_at)}>
                    {ago(l.created_at)}
                  </time>
                </td>
              </tr>
            ))}
          </tbody>
        </TableBox>
        {next && (
          <div>
            <Button onClick={older}>{s.imports.more}</Button>
          </div>
        )}
      </div>
    </Page>
  );
}
