// The journal: its last lines at once, live while the card is in sight, because a browser has few connections for one sensor.
import { byId, make } from "./dom.js";
import { call, Live } from "./api.js";
import { strings as t } from "./strings.js";

const most = 500;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class Logs {
  constructor(onRefused) {
    this.place = byId("logs");
    this.onRefused = onRefused;
    this.waiting = [];
    this.place.dataset.none = t.noRecords;
    byId("logs-part").append(...["", "gps", "radio", "scan", "kismet", "tak", "wigletotak", "controller"]
      .map(part => make("option", { value: part }, part || t.all)));
    byId("logs-priority").append(...Object.entries(t.levels).map(([level, name]) =>
      make("option", { value: level, selected: level === "6" }, name)));
    for (const id of ["logs-part", "logs-priority"]) byId(id).addEventListener("change", () => this.restart());
    new IntersectionObserver(entries => {
      this.seen = entries.at(-1).isIntersecting;
      if (!this.seen) this.stop();
      else if (this.opened && !this.live) this.follow();
    }).observe(this.place);
  }

  query(more) {
    const query = new URLSearchParams({ limit: "100", priority: byId("logs-priority").value, ...more });
    if (byId("logs-part").value) query.set("part", byId("logs-part").value);
    return `/api/v1/logs?${query}`;
  }

  open() {
    this.opened = true;
    return this.restart();
  }

  close() {
    this.opened = false;
    this.stop();
  }

  async restart() {
    if (!this.opened) return;
    this.stop();
    this.waiting = [];
    this.place.replaceChildren();
    if (this.seen) return this.follow();
    const query = this.query();
    const { records } = await call("GET", query).catch(() => ({ records: [] }));
    if (!this.live && query === this.query()) records.forEach(record => this.add(record));
  }

  // The stream begins with the last lines: they replace what is there.
  follow() {
    this.live = new Live(this.query({ follow: "yes" }), { log: record => this.add(record), reset: () => this.restart() },
      { onBegun: () => { this.anew = true; }, onRefused: this.onRefused });
    this.live.open();
  }

  stop() {
    this.live?.close();
    this.live = null;
  }

  add(record) {
    if (this.anew) this.waiting = [];
    this.cleared ||= this.anew;
    this.anew = false;
    this.waiting.push(record);
    if (this.waiting.length > most) this.waiting.shift();
    this.drawing ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.drawing = null;
    const atEnd = this.place.scrollHeight - this.place.scrollTop - this.place.clientHeight < 40;
    const kind = record => record.priority <= 3 ? "bad" : record.priority === 4 ? "warn" : "";
    if (this.cleared) this.place.replaceChildren();
    this.cleared = false;
    this.place.append(...this.waiting.map(record =>
      make("div", { class: kind(record) }, `${clock.format(record.time * 1000)} ${record.part}: ${record.message}`)));
    this.waiting = [];
    while (this.place.childElementCount > most) this.place.firstChild.remove();
    if (atEnd) this.place.scrollTop = this.place.scrollHeight;
  }
}
