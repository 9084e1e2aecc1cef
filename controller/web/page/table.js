// The table of access points. Only the rows in sight are in the document, and little more is known here: the order is
// the worker's (order.js).
import { make, setText } from "./dom.js";
import { strings as t } from "./strings.js";

const rowHeight = 36, headHeight = 44, spare = 6;
const about = 60; // rows known on each side of those in sight, for who scrolls
const columns = ["ssid", "bssid", "security", "channel", "rssi", "last_seen"];
const falling = new Set(["rssi", "last_seen"]);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class Table {
  // `look` asks for the rows { sort, down, text, security, first, count }; they come with show().
  constructor(place, look, onCount) {
    this.look = look;
    this.onCount = onCount;
    this.wanted = { sort: "last_seen", down: true, text: "", security: "" };
    this.known = { first: 0, rows: [], matched: 0, sort: "last_seen", down: true };
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
    this.request();
  }

  head(column) {
    return make("div", { role: "columnheader" }, make("button", {
      type: "button", "data-sort": column, onclick: () => {
        const { sort, down } = this.wanted;
        this.wanted.down = sort === column ? !down : falling.has(column);
        this.wanted.sort = column;
        this.request();
      },
    }, t.columns[column]));
  }

  markHeads() {
    for (const [column, head] of this.heads) {
      const mine = column === this.known.sort;
      head.setAttribute("aria-sort", mine ? this.known.down ? "descending" : "ascending" : "none");
      setText(head.firstChild, t.columns[column] + (mine ? this.known.down ? " ▼" : " ▲" : ""));
    }
  }

  setFilter(text, security) {
    Object.assign(this.wanted, { text: text.toLowerCase(), security });
    this.request();
  }

  inSight() {
    const first = Math.max(0, Math.floor((this.scroll.scrollTop - headHeight) / rowHeight) - spare);
    return { first, count: Math.ceil(this.scroll.clientHeight / rowHeight) + 2 * spare };
  }

  request() {
    const { first, count } = this.inSight();
    this.look({ ...this.wanted, first: Math.max(0, first - about), count: count + 2 * about });
  }

  show(known) {
    const turned = known.sort !== this.known.sort || known.down !== this.known.down;
    this.known = known;
    this.ask(turned);
    this.onCount(known.matched, known.total);
  }

  ask(turned = false) {
    this.turned ||= turned;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  draw() {
    const { first: from, rows, matched } = this.known;
    if (this.drawn !== matched) {
      this.drawn = matched;
      this.body.style.height = `${matched * rowHeight}px`;
      this.scroll.setAttribute("aria-rowcount", matched + 1);
    }
    const { first, count: most } = this.inSight();
    const count = Math.max(0, Math.min(matched - first, most));
    if (first < from || first + count > from + rows.length) this.request();
    while (this.rows.length < count) this.rows.push(this.addRow());
    this.rows.forEach((row, i) => {
      const point = i < count ? rows[first + i - from] : undefined;
      row.element.hidden = !point;
      if (point) this.fill(row, first + i, point);
    });
    if (this.turned) this.markHeads();
    this.turned = false;
  }

  addRow() {
    const cells = columns.map(() => make("span", { role: "cell" }));
    const element = make("div", { class: "grid-row", role: "row" }, ...cells);
    this.body.append(element);
    return { element, cells, texts: [], at: -1 };
  }

  fill(row, index, point) {
    if (row.at !== index) {
      row.at = index;
      row.element.style.transform = `translateY(${index * rowHeight}px)`;
      row.element.setAttribute("aria-rowindex", index + 2);
    }
    const texts = [point.ssid || t.hidden, point.bssid, point.security, String(point.channel), String(point.rssi),
      clock.format(point.last_seen * 1000)];
    texts.forEach((text, i) => {
      if (row.texts[i] !== text) row.cells[i].textContent = row.texts[i] = text;
    });
    if (row.soft !== !point.ssid) row.cells[0].className = (row.soft = !point.ssid) ? "soft" : "";
  }
}
