// The link to the program: one stream of events in, and posts out.

// Refused is a post that was not taken in. Its words are the key of an entry.
export class Refused extends Error {
  constructor(words) {
    super(words);
    this.words = words;
  }
}

// listen keeps a stream open. It calls on[name](value) for every event and
// lost(true or false) when the link breaks and when it is back.
export function listen(on, lost) {
  let last = "";
  let wait = 500;
  const open = () => {
    const stream = new EventSource(`events?last=${encodeURIComponent(last)}`);
    for (const [name, handle] of Object.entries(on)) {
      stream.addEventListener(name, (e) => {
        last = e.lastEventId;
        handle(JSON.parse(e.data));
      });
    }
    stream.addEventListener("open", () => {
      wait = 500;
      lost(false);
    });
    stream.addEventListener("error", () => {
      lost(true);
      // A browser tries again by itself, but not after an answer it did not like.
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, 5000);
    });
  };
  open();
}

// newKey names a post, so that it counts once however often it is sent.
export const newKey = () => crypto.randomUUID();

// post sends a body and returns the answer; it throws Refused.
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ hint: navigator.language, ...body }),
      signal: AbortSignal.timeout(20000),
    });
    if (answer.ok) return await answer.json();
  } catch {
    throw new Refused("web.error.busy");
  }
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.error ?? "web.error.busy");
}
