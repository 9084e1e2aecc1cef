// The order of the table: which access points match, sorted, and of these the ones about the table's sight.
const compare = {
  ssid: (a, b) => a.ssid < b.ssid ? -1 : a.ssid > b.ssid ? 1 : 0,
  bssid: (a, b) => a.bssid < b.bssid ? -1 : a.bssid > b.bssid ? 1 : 0,
  security: (a, b) => a.security < b.security ? -1 : a.security > b.security ? 1 : 0,
  channel: (a, b) => a.channel - b.channel,
  rssi: (a, b) => a.rssi - b.rssi,
  last_seen: (a, b) => a.last_seen - b.last_seen,
};

export class Order {
  // `tell` hears { first, rows, matched, total, sort, down }.
  constructor(tell) {
    this.tell = tell;
    this.view = { sort: "last_seen", down: true, text: "", security: "", first: 0, count: 0 };
    this.points = new Map();
    this.all = [];
    this.arrangedAt = 0;
  }

  look(view) {
    const same = ["sort", "down", "text", "security"].every(key => view[key] === this.view[key]);
    this.view = view;
    if (same) this.send();
    else this.arrange();
  }

  // Thousands are ordered twice a second at most.
  changed(points) {
    this.points = points;
    const wait = this.all.length > 1000 ? this.arrangedAt + 500 - performance.now() : 0;
    this.later ??= setTimeout(() => this.arrange(), Math.max(0, wait));
  }

  arrange() {
    clearTimeout(this.later);
    this.later = null;
    this.arrangedAt = performance.now();
    const { sort, down, text, security } = this.view;
    const rule = compare[sort], sign = down ? -1 : 1;
    this.all = [...this.points.values()].filter(point => (!security || point.security === security) &&
      (!text || point.ssid.toLowerCase().includes(text) || point.bssid.includes(text)));
    this.all.sort((a, b) => sign * rule(a, b) || (a.bssid < b.bssid ? -1 : 1));
    this.send();
  }

  send() {
    const { first, count, sort, down } = this.view;
    this.tell({ first, rows: this.all.slice(first, first + count), matched: this.all.length, total: this.points.size, sort, down });
  }
}
