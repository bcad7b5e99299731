// Behind the links of the console. The secret is in the fragment, which is
// never sent to a server nor kept in its log.
const [what, secret] = location.hash.slice(1).split("=");
const said = document.getElementById("said");
const form = document.getElementById("setup");
history.replaceState(null, "", location.pathname);

const post = async (path, body) => {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = await r.json();
  if (!r.ok) throw new Error([answer.detail, ...(answer.errors ?? []).map((e) => e.message), answer.remedy].filter(Boolean).join(" "));
  return answer;
};
const welcome = () => location.replace("/");

if (what === "sign-in") {
  post("session/link", { secret }).then(welcome, (e) => { said.textContent = e.message; });
} else if (what === "setup") {
  form.hidden = false;
  form.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  form.country.value = new Intl.Locale(navigator.language).region ?? "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const v = Object.fromEntries(new FormData(form));
    post("setup", { ...v, country: v.country.toUpperCase(), secret }).then(welcome, (e) => { said.textContent = e.message; });
  });
} else {
  said.textContent = "Open the link that the server printed when it started.";
}
