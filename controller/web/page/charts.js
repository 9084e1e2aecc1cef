// Small line charts of the last two minutes, one value a second.
import { colour, make, setText, sharp } from "./dom.js";
import { strings as t } from "./strings.js";

const span = 120;

class Chart {
  constructor(title, place) {
    this.values = [];
    this.number = make("b", {}, t.none);
    this.canvas = make("canvas", { role: "img", "aria-label": title });
    this.title = title;
    place.append(make("div", {}, make("div", { class: "row" }, make("span", { class: "soft" }, title), this.number), this.canvas));
  }

  push(value) {
    this.values.push(value);
    if (this.values.length > span) this.values.shift();
  }

  draw() {
    const known = this.values.filter(value => value !== null);
    const last = this.values.at(-1);
    const text = last === null || last === undefined ? t.none : String(Math.round(last));
    setText(this.number, text);
    this.canvas.setAttribute("aria-label", `${this.title}: ${text}`);
    const { context: c, width, height } = sharp(this.canvas);
    if (!known.length) return;
    const low = Math.min(0, ...known) === 0 ? 0 : Math.min(...known) - 2;
    const high = Math.max(...known, low + 1);
    const x = i => width - (this.values.length - 1 - i) * width / (span - 1);
    const y = value => height - 3 - (value - low) / (high - low) * (height - 6);
    c.strokeStyle = colour("--track");
    c.beginPath();
    c.moveTo(0, height - 1); c.lineTo(width, height - 1);
    c.stroke();
    c.strokeStyle = colour("--accent");
    c.lineWidth = 2;
    c.beginPath();
    let pen = false;
    this.values.forEach((value, i) => {
      if (value === null) { pen = false; return; }
      if (pen) c.lineTo(x(i), y(value)); else c.moveTo(x(i), y(value));
      pen = true;
    });
    c.stroke();
  }
}

export class Charts {
  constructor(place) {
    this.packets = new Chart(t.packets, place);
    this.fresh = new Chart(t.fresh, place);
    this.signal = new Chart(t.signal, place);
    this.frames = null;
    this.addedLog = [];
  }

  status(status) {
    const scanner = status.parts.find(part => /^(scan|kismet)$/.test(part.part));
    const frames = scanner?.counters?.frames ?? scanner?.counters?.packets ?? null;
    const at = status.time - (scanner?.age_s ?? 0);
    if (this.frames && frames !== null && at > this.frames.at && frames >= this.frames.count)
      this.rate = (frames - this.frames.count) / (at - this.frames.at);
    if (frames === null) { this.frames = null; this.rate = null; }
    else if (!this.frames || at > this.frames.at + 0.5) this.frames = { count: frames, at };
    this.added = status.access_points.added;
  }

  // Once a second.
  tick(strongest) {
    this.packets.push(this.rate ?? null);
    this.addedLog.push(this.added ?? 0);
    if (this.addedLog.length > 60) this.addedLog.shift();
    this.fresh.push(this.added === undefined ? null : this.added - this.addedLog[0]);
    this.signal.push(strongest);
    if (!document.hidden) for (const chart of [this.packets, this.fresh, this.signal]) chart.draw();
  }
}
