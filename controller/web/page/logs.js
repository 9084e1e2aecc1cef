// The journal, live while its card is in sight.
import { byId, make } from "./dom.js";
import { Live } from "./api.js";
import { strings as t } from "./strings.js";

const most = 500;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class Logs {
  constructor(onRefused) {
    this.place = byId("logs");
    this.onRefused = onRefused;
    this.waiting = [];
    byId("logs-part").append(...["", "gps", "radio", "scan", "kismet", "tak", "wigletotak", "controller", "systemd"]
      .map(part => make("option", { value: part === "systemd" ? "" : part }, part || t.all)).slice(0, 8));
    byId("logs-priority").append(...Object.entries(t.levels).map(([level, name]) =>
      make("option", { value: level, selected: level === "6" }, name)));
    for (const id of ["logs-part", "logs-priority"]) byId(id).addEventListener("change", () => this.restart());
    new IntersectionObserver(entries => {
      this.seen = entries.at(-1).isIntersecting;
      if (this.seen && !this.live) this.restart();
      if (!this.seen) this.stop();
    }).observe(this.place);
  }

  restart() {
    this.stop();
    if (!this.seen) return;
    this.place.replaceChildren();
    const query = new URLSearchParams({ follow: "yes", limit: "100", priority: byId("logs-priority").value });
    if (byId("logs-part").value) query.set("part", byId("logs-part").value);
    this.live = new Live(`/api/v1/logs?${query}`, { log: record => this.add(record), reset: () => {} }, { onRefused: this.onRefused });
    this.live.open();
  }

  stop() {
    this.live?.close();
    this.live = null;
  }

  add(record) {
    this.waiting.push(record);
    if (this.waiting.length > 1) return;
    requestAnimationFrame(() => {
      const atEnd = this.place.scrollHeight - this.place.scrollTop - this.place.clientHeight < 40;
      const kind = record => record.priority <= 3 ? "bad" : record.priority === 4 ? "warn" : "";
      this.place.append(...this.waiting.slice(-most).map(record =>
        make("div", { class: kind(record) }, `${clock.format(record.time * 1000)} ${record.part}: ${record.message}`)));
      this.waiting = [];
      while (this.place.childElementCount > most) this.place.firstChild.remove();
      if (atEnd) this.place.scrollTop = this.place.scrollHeight;
    });
  }
}
