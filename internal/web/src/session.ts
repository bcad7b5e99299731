import { signal } from "@preact/signals";
import * as api from "./api";

type Session = {
  state: "unknown" | "setup" | "out" | "in";
  user: api.User | null;
  may: Record<string, string>;
  mail: boolean;
};
const nobody = { user: null, may: {}, mail: false };

// session is who is signed in, and what that person may do.
export const session = signal<Session>({ state: "unknown", ...nobody });

// secretIn takes a one-time link's secret out of the address, where it stands
// behind #, so that no server log and no history keeps it.
function secretIn(name: string): string {
  const found = new URLSearchParams(location.hash.slice(1)).get(name) ?? "";
  if (found) history.replaceState(null, "", location.pathname + location.search);
  return found;
}
export const setupSecret = signal(secretIn("setup"));
let link = secretIn("sign-in");
// linkFailed says why a one-time link did not sign in.
export const linkFailed = signal("");

export async function loadSession() {
  if (link) {
    const secret = link;
    link = "";
    await api.signInByLink(secret).catch((e) => {
      linkFailed.value = api.say(e);
    });
  }
  try {
    const me = await api.get<api.Me>("/session");
    api.signedOut.value = false;
    session.value = { state: "in", user: me.user, may: me.permissions, mail: me.mail };
  } catch (e) {
    if ((e as api.Problem).status !== 401) return;
    const setup = await api.needsSetUp().catch(() => false);
    session.value = { state: setup ? "setup" : "out", ...nobody };
  }
}

export async function signOut() {
  await api.call("DELETE", "/session").catch(() => {});
  session.value = { state: "out", ...nobody };
}

export const may = (permission: string) => permission in session.value.may;
