// Access points as the map shows them, drawn as one picture.
const mostCircles = 300; // where more are in sight, the circles of their accuracy only hide them
const kinds = [{ shade: "bad", radius: 5 }, { shade: "warn", radius: 6 }, { shade: "good", radius: 8 }];
const kindOf = rssi => rssi >= 0 ? 0 : rssi >= -60 ? 2 : rssi >= -75 ? 1 : 0; // 0: nobody knows
const reach = 12; // px about a click
const equator = 40075016.686; // m
const world = 256; // px, at zoom 0

// Web Mercator, from 0 to 1.
function project(point) {
  const sine = Math.min(Math.max(Math.sin(point.latitude * Math.PI / 180), -0.9999), 0.9999);
  return { point, kind: kindOf(point.best_rssi), x: point.longitude / 360 + 0.5,
    y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export class Dots {
  // `tell` hears { zoom, x, y, width, height, shown, total } and a bitmap.
  constructor(tell) {
    this.tell = tell;
    this.points = new Map();
    this.all = [];
    this.drawnAt = 0;
  }

  // `view`: what the map shows: { zoom, x, y, width, height } in pixels of the world at that zoom, the pixels' ratio
  // and the colours.
  look(view) {
    this.view = view;
    this.stamps = null;
    this.draw();
  }

  changed(points) {
    this.points = points;
    this.stale = true;
    const wait = this.drawnAt + (points.size > 1000 ? 500 : 200) - performance.now();
    this.later ??= setTimeout(() => this.draw(), Math.max(0, wait));
  }

  arrange() {
    this.stale = false;
    this.all = [];
    for (const point of this.points.values())
      if (point.latitude !== 0 || point.longitude !== 0) this.all.push(project(point));
    // The strongest on top.
    this.all.sort((a, b) => a.kind - b.kind);
  }

  stamp({ shade, radius }) {
    const { ratio, colours } = this.view;
    const size = 2 * radius + 2;
    const canvas = new OffscreenCanvas(size * ratio, size * ratio);
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    c.beginPath();
    c.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
    c.fillStyle = c.strokeStyle = colours[shade];
    c.globalAlpha = 0.8;
    c.fill();
    c.globalAlpha = 1;
    c.stroke();
    return { canvas, size };
  }

  draw() {
    clearTimeout(this.later);
    this.later = null;
    if (!this.view) return;
    if (this.stale) this.arrange();
    this.drawnAt = performance.now();
    const { zoom, x, y, width, height, ratio } = this.view;
    const scale = world * 2 ** zoom;
    this.stamps ??= kinds.map(kind => this.stamp(kind));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)));
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    this.circles(c, scale);
    for (const dot of this.all) {
      const { canvas: stamp, size } = this.stamps[dot.kind];
      const left = dot.x * scale - x - size / 2, top = dot.y * scale - y - size / 2;
      if (left > -size && top > -size && left < width && top < height) c.drawImage(stamp, left, top, size, size);
    }
    this.tell({ zoom, x, y, width, height, shown: this.all.length, total: this.points.size }, canvas.transferToImageBitmap());
  }

  circles(c, scale) {
    const { x, y, width, height, colours } = this.view;
    const inSight = [];
    for (const { point, kind, x: east, y: south } of this.all) {
      const left = east * scale - x, top = south * scale - y;
      const radius = point.accuracy_m * scale / (equator * Math.cos(point.latitude * Math.PI / 180));
      if (left > -radius && top > -radius && left < width + radius && top < height + radius) inSight.push({ kind, left, top, radius });
      if (inSight.length > mostCircles) return;
    }
    for (const { kind, left, top, radius } of inSight) {
      c.beginPath();
      c.arc(left, top, radius, 0, 2 * Math.PI);
      c.fillStyle = c.strokeStyle = colours[kinds[kind].shade];
      c.globalAlpha = 0.04;
      c.fill();
      c.globalAlpha = 0.5;
      c.stroke();
    }
    c.globalAlpha = 1;
  }

  // The access point at a place of the world, in pixels at the zoom of the last look().
  at({ x, y }) {
    const scale = world * 2 ** this.view.zoom;
    let best, least = reach;
    for (const dot of this.all) {
      const far = Math.hypot(dot.x * scale - x, dot.y * scale - y);
      if (far <= least) { least = far; best = dot.point; }
    }
    return best;
  }
}
