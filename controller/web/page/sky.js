// The satellites as they stand in the sky: the middle is overhead, the rim the horizon, north is up.
import { colour, sharp } from "./dom.js";
import { strings as t } from "./strings.js";

const shapes = { 0: "GPS", 1: "SBAS", 2: "Galileo", 3: "BeiDou", 5: "QZSS", 6: "GLONASS" };

export function drawSky(canvas, gps) {
  const { context: c, width, height } = sharp(canvas);
  const x0 = width / 2, y0 = height / 2, radius = Math.min(x0, y0) - 14;
  c.strokeStyle = colour("--line");
  c.fillStyle = colour("--soft");
  c.font = "11px system-ui, sans-serif";
  c.textAlign = "center";
  c.textBaseline = "middle";
  for (const ring of [1 / 3, 2 / 3, 1]) {
    c.beginPath();
    c.arc(x0, y0, radius * ring, 0, 2 * Math.PI);
    c.stroke();
  }
  c.beginPath();
  c.moveTo(x0 - radius, y0); c.lineTo(x0 + radius, y0);
  c.moveTo(x0, y0 - radius); c.lineTo(x0, y0 + radius);
  c.stroke();
  for (const [direction, dx, dy] of [["north", 0, -1], ["east", 1, 0], ["south", 0, 1], ["west", -1, 0]])
    c.fillText(t.directions[direction], x0 + dx * (radius + 8), y0 + dy * (radius + 8));
  for (const satellite of gps.satellites) {
    if (satellite.elevation === null || satellite.azimuth === null || satellite.elevation < 0) continue;
    const angle = satellite.azimuth * Math.PI / 180;
    const far = radius * (90 - satellite.elevation) / 90;
    const x = x0 + far * Math.sin(angle), y = y0 - far * Math.cos(angle);
    c.beginPath();
    c.arc(x, y, 9, 0, 2 * Math.PI);
    // Told apart by fill, not by colour alone.
    c.strokeStyle = colour(satellite.used ? "--good" : "--soft");
    c.fillStyle = colour(satellite.used ? "--good" : "--card");
    c.fill();
    c.stroke();
    c.fillStyle = colour(satellite.used ? "--on" : "--ink");
    c.font = "9px system-ui, sans-serif";
    c.fillText(String(satellite.prn), x, y);
  }
  const kinds = [...new Set(gps.satellites.map(s => shapes[s.gnss]).filter(Boolean))].join(", ");
  canvas.setAttribute("aria-label", t.sky(gps.satellites_used, gps.satellites_seen) + (kinds ? ` (${kinds})` : ""));
}
