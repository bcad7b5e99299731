// Lists the operations of openapi.json. All of it is set as text.
const element = (name, text, ...children) => {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  e.append(...children);
  return e;
};

const spec = await (await fetch("openapi.json")).json();
const byTag = {};
for (const [path, methods] of Object.entries(spec.paths))
  for (const [method, op] of Object.entries(methods))
    (byTag[op.tags?.[0] ?? "Other"] ??= []).push({ path, method, op });

const shown = (schema, depth = 0) => {
  if (!schema) return "";
  if (schema.$ref) schema = spec.components.schemas[schema.$ref.split("/").pop()] ?? {};
  const pad = "  ".repeat(depth);
  if (schema.type === "array") return depth > 4 ? "[…]" : `[${shown(schema.items, depth)}]`;
  if (!schema.properties) return [].concat(schema.type ?? "any").join(" or ") + (schema.enum ? ` (${schema.enum.join(", ")})` : "");
  if (depth > 4) return "{…}";
  return "{\n" + Object.entries(schema.properties).map(([name, s]) =>
    `${pad}  ${name}${schema.required?.includes(name) ? "" : "?"}: ${shown(s, depth + 1)}${s.description ? "  // " + s.description : ""}`).join("\n") + `\n${pad}}`;
};

document.getElementById("routes").replaceChildren(...Object.entries(byTag).map(([tag, list]) => element("section", "",
  element("h2", tag), ...list.map(({ path, method, op }) => {
    const params = (op.parameters ?? []).map((p) => element("li", `${p.name} (${p.in})${p.description ? ": " + p.description : ""}`));
    const body = Object.values(op.requestBody?.content ?? {})[0]?.schema;
    const answer = Object.entries(op.responses ?? {}).find(([code]) => code[0] === "2")?.[1];
    return element("details", "",
      element("summary", `${method.toUpperCase()} ${path}`),
      element("p", `${op.summary ?? ""} (${op.description ?? ""})`),
      element("ul", "", ...params),
      ...(body ? [element("p", "Body"), element("pre", shown(body))] : []),
      ...(answer?.content ? [element("p", "Answer"), element("pre", shown(Object.values(answer.content)[0].schema))] : []));
  }))));
