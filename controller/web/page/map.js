// The map: Leaflet from the sensor, a grid where there are no tiles. The access points come as a picture (dots.js).
import { colour, make, setText } from "./dom.js";
import { strings as t } from "./strings.js";

const mostTrack = 2000;
const margin = 0.3; // of the map's size, drawn about it for who drags it

function load(tag, attributes) {
  return new Promise((resolve, reject) => {
    const element = make(tag, attributes);
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}

function gridLayer() {
  const layer = L.gridLayer({ tileSize: 128, zIndex: 0 });
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
  // `look` asks for a picture of what is in sight, which comes with show(); `pick` for what is at a place: picked().
  constructor(place, note, look, pick) {
    this.place = place;
    this.note = note;
    this.look = look;
    this.pick = pick;
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
    // Below the images too: out in the field they may not come.
    this.grid = gridLayer().addTo(this.map);
    if (tiles) L.tileLayer(tiles, { maxZoom: 19 }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    const pane = this.map.createPane("dots");
    pane.style.zIndex = 390; // below the sensor and its way
    pane.style.pointerEvents = "none";
    this.picture = make("canvas");
    this.picture.style.position = "absolute";
    pane.append(this.picture);
    this.renderer = L.canvas({ padding: margin });
    this.track = L.polyline([], { color: colour("--accent"), weight: 3, renderer: this.renderer, interactive: false }).addTo(this.map);
    this.map.on("dragstart", () => { this.following = false; });
    // Its place is from before.
    this.map.on("viewreset", () => { this.picture.hidden = true; });
    this.map.on("moveend resize", () => this.request());
    this.map.on("click", event => this.pick(this.map.project(event.latlng)));
    this.request();
    if (this.lastGps) this.gps(this.lastGps);
  }

  request() {
    if (!this.map) return;
    const size = this.map.getSize();
    const corner = this.map.getPixelBounds().min.subtract(size.multiplyBy(margin)).round();
    const { x: width, y: height } = size.multiplyBy(1 + 2 * margin).ceil();
    const colours = { good: colour("--good"), warn: colour("--warn"), bad: colour("--bad") };
    this.look({ zoom: this.map.getZoom(), x: corner.x, y: corner.y, width, height, ratio: window.devicePixelRatio || 1, colours });
  }

  // Other colours: of the other scheme.
  recolour() {
    this.grid?.redraw();
    this.track?.setStyle({ color: colour("--accent") });
    this.error?.setStyle({ color: colour("--accent") });
    this.me?.setStyle({ color: colour("--card"), fillColor: colour("--accent") });
    this.request();
  }

  show({ zoom, x, y, width, height, shown, total, bitmap }) {
    setText(this.note, total ? t.mapPoints(shown, total) : t.mapFollow);
    if (zoom !== this.map.getZoom()) return; // the next one is on its way
    this.picture.hidden = false;
    this.picture.style.width = `${width}px`;
    this.picture.style.height = `${height}px`;
    L.DomUtil.setPosition(this.picture, L.point(x, y).subtract(this.map.getPixelOrigin()));
    this.picture.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  }

  picked(point) {
    if (!point) return;
    this.map.openPopup(make("div", {}, make("b", {}, point.ssid || t.hidden), make("br"), point.bssid, make("br"),
      `${point.security}, ${t.columns.channel} ${point.channel}, ${t.strength(point.best_rssi)}`), [point.latitude, point.longitude]);
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
}
