// Uploads that go on after a cut: the tus protocol (https://tus.io), version
// 1.0.0. What was sent of a file is remembered on this device, so that the same
// file chosen again goes on where it stopped.
import * as api from "./api";
import { s } from "./strings";

const part = 8 << 20;
const most = 12; // tries in a row without a byte of progress

export type Sent = { done: number; size: number; waiting: boolean };

const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));

type Reply = { status: number; header: (name: string) => string | null; body: Record<string, unknown> };

function ask(
  method: string,
  url: string,
  head: Record<string, string>,
  body: Blob | null,
  tell?: (sent: number) => void,
  abort?: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open(method, url);
    x.setRequestHeader("Tus-Resumable", "1.0.0");
    for (const [k, v] of Object.entries(head)) x.setRequestHeader(k, v);
    if (tell) x.upload.onprogress = (e) => tell(e.loaded);
    x.onerror = () => reject(new api.Problem(0, s.error.offline, s.error.offlineDetail));
    x.onabort = () => reject(new DOMException("", "AbortError"));
    x.onload = () => {
      let data = {};
      try {
        data = JSON.parse(x.responseText || "{}");
      } catch {
        /* no problem document */
      }
      resolve({ status: x.status, header: (n) => x.getResponseHeader(n), body: data });
    };
    abort?.addEventListener("abort", () => x.abort());
    x.send(body);
  });
}

function refused(r: Reply): api.Problem {
  if (r.status === 401) api.signedOut.value = true;
  const b = r.body as { title?: string; detail?: string };
  return new api.Problem(
    r.status,
    b.title ?? s.error.title,
    b.detail ?? s.error.status(r.status),
    [],
    r.body,
  );
}

// upload sends a file and returns the id of the import that it becomes.
export async function upload(
  file: Blob,
  name: string,
  tell: (sent: Sent) => void,
  abort?: AbortSignal,
): Promise<number> {
  const key = `leadport.upload.${name}.${file.size}.${(file as File).lastModified ?? 0}`;
  const keep = (url: string | null) => {
    try {
      if (url) localStorage.setItem(key, url);
      else localStorage.removeItem(key);
    } catch {
      /* it costs the memory only */
    }
  };
  let url = localStorage.getItem(key);
  let done = 0;
  let fails = 0;
  let known = false;
  for (;;) {
    tell({ done, size: file.size, waiting: fails > 0 });
    try {
      if (!url) {
        const r = await ask(
          "POST",
          api.root + "/uploads",
          { "Upload-Length": String(file.size), "Upload-Metadata": "filename " + encode(name) },
          null,
          undefined,
          abort,
        );
        if (r.status !== 201) throw refused(r);
        const made = Number(r.header("Leadport-Import")); // of an empty file, at once
        if (made) return made;
        url = r.header("Location")!;
        keep(url);
        known = true;
      }
      if (!known) {
        // how much of it is there?
        const r = await ask("HEAD", url, {}, null, undefined, abort);
        if (r.status === 404 || r.status === 410 || Number(r.header("Leadport-Import"))) {
          url = null;
          keep(null);
          done = 0;
          continue;
        } // gone, or an import long since
        if (r.status >= 400) throw refused(r);
        done = Number(r.header("Upload-Offset"));
        known = true;
      }
      const from = done;
      const r = await ask(
        "PATCH",
        url,
        { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" },
        file.slice(from, from + part),
        (sent) => tell({ done: Math.min(from + sent, file.size), size: file.size, waiting: false }),
        abort,
      );
      if (r.status === 409 || r.status === 423 || r.status >= 500) {
        known = false;
        throw new api.Problem(0, "", "");
      } // another part of it is under way, or the server is starting
      if (r.status >= 400) {
        keep(null);
        throw refused(r);
      }
      done = Number(r.header("Upload-Offset"));
      fails = 0;
      const id = Number(r.header("Leadport-Import"));
      if (id) {
        keep(null);
        return id;
      }
    } catch (e) {
      if (!(e instanceof api.Problem) || e.status !== 0 || ++fails > most) throw e;
      known = false;
      tell({ done, size: file.size, waiting: true });
      await wait(Math.min(8000, 500 * 2 ** fails));
    }
  }
}
