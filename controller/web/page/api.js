// The sensor's HTTP interface: docs/http-api/openapi.yaml.
export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

export async function call(method, path, body) {
  const response = await fetch(path, {
    method, credentials: "same-origin", cache: "no-store",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.error || response.statusText);
  return answer;
}

// Follows an event stream and mends it. `onState` hears "live", "connecting" and "lost"; `onRefused` is called when
// the sensor does not know us (any more).
export class Live {
  constructor(path, kinds, { onState = () => {}, onRefused = () => {} } = {}) {
    this.path = path; this.kinds = kinds; this.onState = onState; this.onRefused = onRefused;
    this.wait = 500;
  }

  open() {
    this.close();
    this.onState(this.wait > 500 ? "lost" : "connecting");
    this.source = new EventSource(this.path);
    this.source.onopen = () => { this.wait = 500; this.onState("live"); };
    this.source.onerror = () => this.failed();
    for (const [kind, handler] of Object.entries(this.kinds))
      this.source.addEventListener(kind, event => handler(JSON.parse(event.data)));
  }

  async failed() {
    this.onState("lost");
    // The browser tries again by itself, with the id of the last event, unless the server refused.
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.close();
    try {
      const session = await call("GET", "/api/v1/session");
      if (!session.logged_in && !session.open_reads) return this.onRefused();
    } catch { /* not there: tried again below */ }
    this.wait = Math.min(this.wait * 2, 10000);
    this.timer = setTimeout(() => this.open(), this.wait);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
