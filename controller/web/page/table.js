// The table of access points. Only the rows in sight are in the document, so that thousands cost no more than a few.
import { make, setText } from "./dom.js";
import { strings as t } from "./strings.js";

const rowHeight = 36, headHeight = 44, spare = 6;
const columns = ["ssid", "bssid", "security", "channel", "rssi", "last_seen"];
const falling = new Set(["rssi", "last_seen"]);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

const compare = {
  ssid: (a, b) => a.ssid < b.ssid ? -1 : a.ssid > b.ssid ? 1 : 0,
  bssid: (a, b) => a.bssid < b.bssid ? -1 : a.bssid > b.bssid ? 1 : 0,
  security: (a, b) => a.security < b.security ? -1 : a.security > b.security ? 1 : 0,
  channel: (a, b) => a.channel - b.channel,
  rssi: (a, b) => a.rssi - b.rssi,
  last_seen: (a, b) => a.last_seen - b.last_seen,
};

export class Table {
  // `points`: Map of BSSID to access point, shared with the map.
  constructor(place, points, onCount) {
    this.points = points;
    this.onCount = onCount;
    this.sort = "last_seen";
    this.down = true;
    this.filter = "";
    this.security = "";
    this.order = [];
    this.rows = [];
    this.heads = new Map(columns.map(column => [column, this.head(column)]));
    this.top = make("div", { class: "grid-row grid-head", role: "row" }, ...this.heads.values());
    this.body = make("div", { role: "rowgroup" });
    this.scroll = make("div", { class: "scroll", role: "table", tabindex: "0", "aria-label": t.tableLabel },
      make("div", { role: "rowgroup", class: "grid-head" }, this.top), this.body);
    this.scroll.addEventListener("scroll", () => this.ask(), { passive: true });
    place.append(this.scroll);
    this.markHeads();
    new ResizeObserver(() => this.ask()).observe(this.scroll);
  }

  head(column) {
    return make("div", { role: "columnheader" }, make("button", {
      type: "button", "data-sort": column, onclick: () => {
        this.down = this.sort === column ? !this.down : falling.has(column);
        this.sort = column;
        this.markHeads();
        this.changed();
      },
    }, t.columns[column]));
  }

  markHeads() {
    for (const [column, head] of this.heads) {
      const mine = column === this.sort;
      head.setAttribute("aria-sort", mine ? this.down ? "descending" : "ascending" : "none");
      setText(head.firstChild, t.columns[column] + (mine ? this.down ? " ▼" : " ▲" : ""));
    }
  }

  setFilter(text, security) {
    this.filter = text.toLowerCase();
    this.security = security;
    this.changed();
  }

  // The points differ: ordered anew with the next frame; thousands of them twice a second at most.
  changed() {
    this.stale = true;
    const wait = this.order.length > 1000 ? this.arrangedAt + 500 - performance.now() : 0;
    if (wait <= 0) this.ask();
    else this.later ??= setTimeout(() => { this.later = null; this.ask(); }, wait);
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  arrange() {
    this.stale = false;
    this.arrangedAt = performance.now();
    const order = [];
    for (const point of this.points.values()) {
      if (this.security && point.security !== this.security) continue;
      if (this.filter && !point.ssid.toLowerCase().includes(this.filter) && !point.bssid.includes(this.filter)) continue;
      order.push(point);
    }
    const rule = compare[this.sort], sign = this.down ? -1 : 1;
    order.sort((a, b) => sign * rule(a, b) || (a.bssid < b.bssid ? -1 : 1));
    this.order = order;
    this.body.style.height = `${order.length * rowHeight}px`;
    this.scroll.setAttribute("aria-rowcount", order.length + 1);
    this.onCount(order.length, this.points.size);
  }

  draw() {
    if (this.stale) this.arrange();
    const first = Math.max(0, Math.floor((this.scroll.scrollTop - headHeight) / rowHeight) - spare);
    const count = Math.min(this.order.length - first, Math.ceil(this.scroll.clientHeight / rowHeight) + 2 * spare);
    while (this.rows.length < count) this.rows.push(this.addRow());
    this.rows.forEach((row, i) => {
      const used = i < count;
      row.element.hidden = !used;
      if (used) this.fill(row, first + i);
    });
  }

  addRow() {
    const cells = columns.map(() => make("span", { role: "cell" }));
    const element = make("div", { class: "grid-row", role: "row" }, ...cells);
    this.body.append(element);
    return { element, cells, at: -1 };
  }

  fill(row, index) {
    const point = this.order[index];
    if (row.at !== index) {
      row.at = index;
      row.element.style.transform = `translateY(${index * rowHeight}px)`;
      row.element.setAttribute("aria-rowindex", index + 2);
    }
    const texts = [point.ssid || t.hidden, point.bssid, point.security, String(point.channel), String(point.rssi),
      point.clock ??= clock.format(point.last_seen * 1000)];
    texts.forEach((text, i) => setText(row.cells[i], text));
    if (row.soft !== !point.ssid) row.cells[0].className = (row.soft = !point.ssid) ? "soft" : "";
  }
}
