// A worker, so that thousands of access points cannot make the page stutter: it follows the sensor's events, keeps
// all access points, and hands on what is in sight: the words, some rows of the table, a picture for the map.
import { call, Live } from "./api.js";
import { Dots } from "./dots.js";
import { Order } from "./order.js";

const perPage = 1000;
const recent = 15; // s: what the strongest signal is taken from
const tell = (kind, data, handed = []) => postMessage({ kind, data }, handed);

let points = new Map();
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

function onPoints(event) {
  for (const point of event.changed) {
    points.set(point.bssid, point);
    reading?.set(point.bssid, point);
  }
  added = event.added;
  changed();
}

// All of them anew, in pages: at the start, and when events were missed. What changes meanwhile is newer.
async function readPoints() {
  clearTimeout(again);
  const newer = reading = new Map();
  const all = new Map();
  try {
    for (let offset = 0, matched = 1; offset < matched; offset += perPage) {
      const page = await call("GET", `/api/v1/aps?limit=${perPage}&offset=${offset}&sort=bssid`);
      matched = page.matched;
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
  for (const [bssid, point] of newer) all.set(bssid, point);
  points = all;
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
