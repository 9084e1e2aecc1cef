// The map: Leaflet from the sensor, a grid where there are no tiles. Points are drawn on one canvas.
import { colour, make, setText } from "./dom.js";
import { strings as t } from "./strings.js";

const mostShown = 1000, mostCircles = 300, mostTrack = 2000;

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = make(tag, attributes);
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}

// The strength as colour and as size.
function look(rssi) {
  if (rssi >= -60) return [colour("--good"), 8];
  if (rssi >= -75) return [colour("--warn"), 6];
  return [colour("--bad"), 5];
}

function gridLayer() {
  const layer = L.gridLayer({ tileSize: 128 });
  layer.createTile = () => {
    const tile = L.DomUtil.create("canvas");
    tile.width = tile.height = 128;
    const c = tile.getContext("2d");
    c.strokeStyle = colour("--grid");
    c.strokeRect(0.5, 0.5, 128, 128);
    return tile;
  };
  return layer;
}

export class SensorMap {
  constructor(place, note, points) {
    this.place = place;
    this.note = note;
    this.points = points;
    this.markers = new Map();
    this.dirty = new Set();
    this.following = true;
  }

  async open(tiles) {
    try {
      await Promise.all([load("link", { rel: "stylesheet", href: "/leaflet/leaflet.css" }),
        load("script", { src: "/leaflet/leaflet.min.js" })]);
    } catch {
      setText(this.note, t.noLeaflet);
      return;
    }
    L.Icon.Default.imagePath = "/leaflet/";
    this.map = L.map(this.place, { preferCanvas: true, zoomAnimation: false, attributionControl: Boolean(tiles) }).setView([0, 0], 2);
    (tiles ? L.tileLayer(tiles, { maxZoom: 19 }) : gridLayer()).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.renderer = L.canvas({ padding: 0.3 });
    this.track = L.polyline([], { color: colour("--accent"), weight: 3, renderer: this.renderer, interactive: false }).addTo(this.map);
    this.map.on("dragstart", () => { this.following = false; });
    for (const bssid of this.points.keys()) this.dirty.add(bssid);
    this.update();
    if (this.lastGps) this.gps(this.lastGps);
  }

  changed(bssid) { this.dirty.add(bssid); }

  clear() {
    for (const entry of this.markers.values()) this.drop(entry);
    this.markers.clear();
    this.dirty = new Set(this.points.keys());
  }

  gps(gps) {
    this.lastGps = gps;
    if (!this.map || gps.latitude === null) return;
    const here = [gps.latitude, gps.longitude];
    if (!this.me) {
      this.me = L.circleMarker(here, { radius: 9, color: colour("--card"), weight: 3, fillColor: colour("--accent"), fillOpacity: 1,
        renderer: this.renderer }).bindTooltip(t.here).addTo(this.map);
      this.error = L.circle(here, { radius: gps.error_m ?? 0, color: colour("--accent"), weight: 1, fillOpacity: 0.08,
        renderer: this.renderer, interactive: false }).addTo(this.map);
      this.map.setView(here, 17, { animate: false });
    }
    this.me.setLatLng(here);
    this.error.setLatLng(here).setRadius(gps.error_m ?? 0);
    const way = this.track.getLatLngs();
    const last = way.at(-1);
    if (!last || last.distanceTo(here) > 3) {
      this.track.addLatLng(here);
      if (way.length > mostTrack) this.track.setLatLngs(way.slice(-mostTrack));
      if (this.following) this.map.panTo(here, { animate: false });
    }
  }

  // A few milliseconds of work at most; what is left comes with the next call.
  update() {
    if (!this.map) return;
    const end = performance.now() + 8;
    for (const bssid of this.dirty) {
      this.dirty.delete(bssid);
      this.put(bssid);
      if (performance.now() > end) break;
    }
    setText(this.note, this.points.size ? t.mapPoints(this.markers.size, this.points.size) : t.mapFollow);
  }

  put(bssid) {
    const point = this.points.get(bssid);
    const entry = this.markers.get(bssid);
    if (!point) {
      if (entry) this.drop(entry);
      this.markers.delete(bssid);
      return;
    }
    const key = `${point.latitude},${point.longitude},${point.best_rssi},${point.accuracy_m}`;
    if (entry?.key === key || (point.latitude === 0 && point.longitude === 0)) return;
    const where = [point.latitude, point.longitude];
    const [shade, radius] = look(point.best_rssi);
    if (entry) {
      entry.key = key;
      entry.dot.setLatLng(where).setStyle({ color: shade, fillColor: shade, radius });
      entry.circle?.setLatLng(where).setRadius(point.accuracy_m);
      return;
    }
    if (this.markers.size >= mostShown) {
      const [oldest, old] = this.markers.entries().next().value;
      this.drop(old);
      this.markers.delete(oldest);
    }
    // Where there are this many, their circles only hide them.
    const circle = this.markers.size >= mostCircles ? null : L.circle(where, { radius: point.accuracy_m, color: shade, weight: 1, opacity: 0.5, fillOpacity: 0.04,
      renderer: this.renderer, interactive: false }).addTo(this.map);
    const dot = L.circleMarker(where, { radius, color: shade, weight: 1, fillColor: shade, fillOpacity: 0.8, renderer: this.renderer })
      .bindPopup(() => this.popup(bssid)).addTo(this.map);
    this.markers.set(bssid, { key, dot, circle });
  }

  popup(bssid) {
    const point = this.points.get(bssid);
    return make("div", {}, make("b", {}, point?.ssid || t.hidden), make("br"), bssid, make("br"),
      `${point?.security}, ${t.columns.channel} ${point?.channel}, ${point?.best_rssi} dBm`);
  }

  drop(entry) {
    entry.dot.remove();
    entry.circle?.remove();
  }
}
