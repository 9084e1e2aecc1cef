// A worker, so that thousands of access points cannot make the page stutter: it follows the sensor's events, keeps
// all access points, and hands on what is in sight: the words, some rows of the table, a picture for the map.
import { call, Live } from "./api.js";
import { Dots } from "./dots.js";
import { Order } from "./order.js";

const perPage = 1000;
const recent = 15; // s: what the strongest signal is taken from
const tell = (kind, data, handed = []) => postMessage({ kind, data }, handed);

let points = new Map(); // the one that was heard last is the last
let total = 0; // that the sensor keeps: it never has fewer, but when it is started anew
let added, reading, again, beat;
const order = new Order(rows => tell("rows", rows));
const dots = new Dots((picture, bitmap) => tell("dots", { ...picture, bitmap }, [bitmap]));

function refused() {
  asked.close();
  tell("refused");
}

function changed() {
  order.changed(points);
  dots.changed(points);
}

function put(all, point) {
  all.delete(point.bssid);
  all.set(point.bssid, point);
}

// The sensor lets go of who was not heard for longest and does not say so. Who comes late, in an event of its own, may have been
// heard before others: the time decides, and among those of one second who came first. Numbers are sorted in no time.
function letGo() {
  const surplus = points.size - total;
  if (surplus <= 0) return;
  const last = Float64Array.from(points.values(), point => point.last_seen).sort()[surplus - 1];
  for (const point of points.values()) if (point.last_seen < last) points.delete(point.bssid);
  for (const point of points.values()) {
    if (points.size <= total) break;
    if (point.last_seen === last) points.delete(point.bssid);
  }
}

function onPoints(event) {
  for (const point of event.changed) {
    put(points, point);
    if (reading) put(reading, point);
  }
  added = event.added;
  total = Math.max(total, event.total);
  letGo();
  changed();
}

// All of them anew, in pages: at the start, and when events were missed. What changes meanwhile is newer.
async function readPoints() {
  clearTimeout(again);
  const newer = reading = new Map();
  const all = new Map();
  total = 0;
  try {
    for (let offset = 0, matched = 1; offset < matched; offset += perPage) {
      const page = await call("GET", `/api/v1/aps?limit=${perPage}&offset=${offset}&sort=bssid`);
      matched = page.matched;
      total = Math.max(total, page.total);
      for (const point of page.items) all.set(point.bssid, point);
    }
  } catch (error) {
    if (reading !== newer) return; // begun anew
    reading = null;
    if (error.status === 401) refused();
    // The stream may go on as if nothing were: it does not ask for them.
    else again = setTimeout(readPoints, 3000);
    return;
  }
  if (reading !== newer) return; // begun anew
  reading = null;
  for (const point of newer.values()) put(all, point);
  points = all;
  letGo();
  changed();
}

const live = new Live("/api/v1/events", {
  status: status => tell("status", status),
  gps: gps => tell("gps", gps),
  aps: onPoints,
  reset: readPoints,
}, { onState: word => tell("link", word), onBegun: readPoints, onRefused: refused });

function onSecond() {
  let strongest = null;
  const since = Date.now() / 1000 - recent;
  for (const point of points.values())
    if (point.rssi < 0 && point.last_seen > since && (strongest === null || point.rssi > strongest)) strongest = point.rssi;
  tell("second", { strongest, added });
}

const asked = {
  open() {
    live.open();
    clearInterval(beat);
    beat = setInterval(onSecond, 1000);
  },
  close() {
    live.close();
    reading = null;
    clearTimeout(again);
    clearInterval(beat);
  },
  rows: view => order.look(view),
  map: view => dots.look(view),
  pick: where => tell("picked", dots.at(where) ?? null),
};

onmessage = ({ data }) => asked[data.ask](data.what);
