import { strings as t } from "./strings.js";
import { byId, make, setText } from "./dom.js";
import { call, Live, Refused } from "./api.js";
import { runDoctor, showCaptures, showGps, showParts, showState, showTak } from "./panels.js";
import { Charts } from "./charts.js";
import { drawSky } from "./sky.js";
import { Logs } from "./logs.js";
import { SensorMap } from "./map.js";
import { Table } from "./table.js";

const points = new Map();
let table, map, charts, logs, live, lastStatus, lastGps;

for (const element of document.querySelectorAll("[data-text]")) element.textContent = t[element.dataset.text];

function showLink(word) {
  const link = byId("link");
  link.className = `pill ${word === "live" ? "good" : word === "lost" ? "bad" : ""}`;
  setText(link, t[word]);
}

function showLogin() {
  live?.close();
  logs?.stop();
  byId("app").hidden = true;
  byId("logout").hidden = true;
  byId("login").hidden = false;
  setText(byId("link"), "");
  byId("link").className = "";
  byId("token").focus();
}

function onStatus(status) {
  lastStatus = status;
  showState(status);
  showParts(status);
  showTak(status);
  charts.status(status);
}

function onGps(gps) {
  lastGps = gps;
  showGps(gps);
  drawSky(byId("sky"), gps);
  map.gps(gps);
}

function onPoints({ changed, added }) {
  for (const point of changed) {
    points.set(point.bssid, point);
    map.changed(point.bssid);
  }
  charts.added = added;
  table.changed();
}

// All of them anew, in pages: at the start, and when events were missed.
async function readPoints() {
  const all = [];
  for (let offset = 0, matched = 1; offset < matched; offset += 1000) {
    const page = await call("GET", `/api/v1/aps?limit=1000&offset=${offset}&sort=bssid`);
    matched = page.matched;
    all.push(...page.items);
  }
  points.clear();
  for (const point of all) points.set(point.bssid, point);
  map.clear();
  table.changed();
}

const quietly = promise => promise.catch(error => {
  if (error instanceof Refused && error.status === 401) showLogin();
});

async function change(path) {
  setText(byId("request-error"), "");
  try {
    await call("POST", path);
  } catch (error) {
    if (error.status === 401) return showLogin();
    setText(byId("request-error"), `${t.failed}: ${error.message}`);
  }
}

function tick() {
  let strongest = null;
  const recent = Date.now() / 1000 - 15;
  for (const point of points.values())
    if (point.last_seen > recent && (strongest === null || point.rssi > strongest)) strongest = point.rssi;
  charts.tick(strongest);
}

function build() {
  charts = new Charts(byId("charts"));
  map = new SensorMap(byId("map"), byId("map-note"), points);
  table = new Table(byId("aps"), points, (matched, total) => setText(byId("aps-count"), t.count(matched, total)));
  const security = byId("aps-security");
  security.append(...["", "open", "wep", "wpa", "wpa2", "wpa3"].map(value => make("option", { value }, value || t.all)));
  const filter = () => table.setFilter(byId("aps-filter").value.trim(), security.value);
  byId("aps-filter").addEventListener("input", filter);
  security.addEventListener("change", filter);
  byId("start").addEventListener("click", () => change("/api/v1/start"));
  byId("stop").addEventListener("click", () => change("/api/v1/stop"));
  byId("doctor-run").addEventListener("click", runDoctor);
  logs = new Logs(showLogin);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => lastGps && onGps(lastGps));
  setInterval(tick, 1000);
  setInterval(() => map.update(), 200);
  setInterval(() => { if (!document.hidden && !byId("app").hidden) quietly(showCaptures()); }, 30000);
}

async function begin() {
  byId("login").hidden = true;
  byId("app").hidden = false;
  if (!table) build();
  const status = await call("GET", "/api/v1/status");
  onStatus(status);
  live = new Live("/api/v1/events", { status: onStatus, gps: onGps, aps: onPoints, reset: () => quietly(readPoints()) },
    { onState: showLink, onRefused: showLogin });
  live.open();
  await Promise.all([quietly(readPoints()), quietly(showCaptures()), map.map ? null : map.open(status.tiles_url)]);
}

byId("login-form").addEventListener("submit", async event => {
  event.preventDefault();
  setText(byId("login-error"), "");
  try {
    await call("POST", "/api/v1/session", { token: byId("token").value.trim() });
    byId("token").value = "";
    byId("logout").hidden = false;
    await begin();
    byId("main").focus();
  } catch (error) {
    setText(byId("login-error"), error.message);
  }
});

byId("logout").addEventListener("click", async () => {
  await quietly(call("DELETE", "/api/v1/session"));
  showLogin();
});

showLink("connecting");
const session = await call("GET", "/api/v1/session").catch(() => ({ logged_in: false, open_reads: true }));
byId("logout").hidden = !session.logged_in;
if (session.logged_in || session.open_reads) await begin().catch(() => showLogin());
else showLogin();
