// The sensor's HTTP interface: docs/http-api/openapi.yaml.
import { strings as t } from "./strings.js";

const longestSilence = 40000; // ms; there is a beat every 15 s
const patience = 20000; // ms, for an answer

export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

export async function call(method, path, body, most = patience) {
  const response = await fetch(path, {
    method, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(most),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => { throw new Refused(0, t.noAnswer); });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.error || response.statusText);
  return answer;
}

// Follows an event stream and mends it. `onState` hears "live", "connecting" and "lost"; `onBegun` is called when a stream
// begins that does not resume another, `onRefused` when the sensor does not know us (any more).
export class Live {
  constructor(path, kinds, { onState = () => {}, onBegun = () => {}, onRefused = () => {} } = {}) {
    this.path = path; this.kinds = kinds; this.onState = onState; this.onBegun = onBegun; this.onRefused = onRefused;
    this.wait = 500;
  }

  open() {
    this.close();
    this.onState(this.wait > 500 ? "lost" : "connecting");
    const source = this.source = new EventSource(this.path);
    let begun = false;
    source.onopen = () => {
      this.wait = 500;
      this.watch();
      this.onState("live");
      if (!begun) this.onBegun();
      begun = true; // the browser resumes by itself, with the id of the last event
    };
    source.onerror = () => this.failed();
    for (const [kind, handler] of Object.entries({ beat: () => {}, ...this.kinds }))
      source.addEventListener(kind, event => {
        this.watch();
        handler(JSON.parse(event.data));
      });
    this.watch();
  }

  // Nobody says so when the sensor has lost its power or is out of reach.
  watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.wait = Math.max(this.wait, 1000);
      this.open();
    }, longestSilence);
  }

  async failed() {
    this.onState("lost");
    // The browser tries again by itself unless the server refused.
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.close();
    const { turn } = this;
    try {
      const session = await call("GET", "/api/v1/session");
      if (turn === this.turn && !session.logged_in && !session.open_reads) return this.onRefused();
    } catch { /* not there: tried again below */ }
    if (turn !== this.turn) return;
    this.wait = Math.min(this.wait * 2, 10000);
    this.timer = setTimeout(() => this.open(), this.wait);
  }

  close() {
    this.turn = (this.turn ?? 0) + 1;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = null;
  }
}
