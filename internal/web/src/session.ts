import { signal } from "@preact/signals";
import { call, get, signedOut } from "./api";

export type User = { id: number; username: string; name: string; email: string; role: string; zone?: string };
type Session = { state: "unknown" | "setup" | "out" | "in"; user: User | null };

// session is who is signed in.
export const session = signal<Session>({ state: "unknown", user: null });

export async function loadSession() {
  try {
    const user = await get<User>("/session");
    signedOut.value = false;
    session.value = { state: "in", user };
  } catch (e) {
    const status = (e as { status?: number }).status;
    if (status === 401 || status === 403) session.value = { state: "out", user: null };
  }
}

export async function signOut() {
  await call("DELETE", "/session").catch(() => {});
  session.value = { state: "out", user: null };
}
