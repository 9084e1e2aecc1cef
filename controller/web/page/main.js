import { strings as t } from "./strings.js";
import { byId, make, onPress, setText } from "./dom.js";
import { call, Refused } from "./api.js";
import { captureChanged, forgetCaptures, runDoctor, showCaptures, showGps, showParts, showState, showTak } from "./panels.js";
import { Charts } from "./charts.js";
import { drawSky } from "./sky.js";
import { Logs } from "./logs.js";
import { SensorMap } from "./map.js";
import { Table } from "./table.js";

const stream = new Worker("/stream.js", { type: "module" });
const ask = (what, more) => stream.postMessage({ ask: what, what: more });
let table, map, charts, logs, lastGps;

for (const element of document.querySelectorAll("[data-text]")) element.textContent = t[element.dataset.text];

function showLink(word) {
  const link = byId("link");
  link.className = `pill ${word === "live" ? "good" : word === "lost" ? "bad" : ""}`;
  setText(link, t[word]);
}

// Whether this browser could look in before: then it asks for the state at once.
const remember = {
  get known() { try { return localStorage.known === "yes"; } catch { return false; } },
  set known(yes) { try { localStorage.known = yes ? "yes" : "no"; } catch { /* it forgets */ } },
};

function showLogin() {
  remember.known = false;
  ask("close");
  logs?.close();
  byId("app").hidden = true;
  byId("logout").hidden = true;
  byId("login").hidden = false;
  setText(byId("link"), "");
  byId("link").className = "";
  byId("token").focus();
}

const heard = {
  link: showLink,
  refused: showLogin,
  status(status) {
    showState(status);
    showParts(status);
    showTak(status);
    charts.status(status);
    if (captureChanged(status)) quietly(showCaptures());
  },
  gps(gps) {
    lastGps = gps;
    showGps(gps);
    drawSky(byId("sky"), gps);
    map.gps(gps);
  },
  rows: rows => table.show(rows),
  dots: picture => map.show(picture),
  picked: point => map.picked(point),
  second({ strongest, added }) {
    charts.added = added ?? charts.added;
    charts.tick(strongest);
  },
};

stream.onmessage = ({ data: { kind, data } }) => heard[kind](data);

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

function build() {
  charts = new Charts(byId("charts"));
  map = new SensorMap(byId("map"), byId("map-note"), view => ask("map", view), where => ask("pick", where));
  table = new Table(byId("aps"), view => ask("rows", view), (matched, total) => setText(byId("aps-count"), t.count(matched, total)));
  const security = byId("aps-security");
  security.append(...["", "open", "wep", "wpa", "wpa2", "wpa3"].map(value => make("option", { value }, value || t.all)));
  const filter = () => table.setFilter(byId("aps-filter").value.trim(), security.value);
  byId("aps-filter").addEventListener("input", filter);
  security.addEventListener("change", filter);
  onPress(byId("start"), () => change("/api/v1/start"));
  onPress(byId("stop"), () => change("/api/v1/stop"));
  onPress(byId("doctor-run"), runDoctor);
  logs = new Logs(showLogin);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    map.recolour();
    if (lastGps) heard.gps(lastGps);
  });
  setInterval(() => { if (!document.hidden && !byId("app").hidden) quietly(showCaptures()); }, 30000);
}

async function begin() {
  byId("login").hidden = true;
  byId("app").hidden = false;
  if (!table) build();
  // Without an answer it comes with the events, as soon as there is a connection.
  const status = await call("GET", "/api/v1/status").catch(error => {
    if (error.status === 401) throw error;
  });
  remember.known = true;
  forgetCaptures();
  if (status) heard.status(status);
  ask("open");
  await Promise.all([logs.open(), map.map ? null : map.open(status?.tiles_url)]);
}

async function enter() {
  const asked = call("GET", "/api/v1/session").catch(() => ({ logged_in: false, open_reads: true }));
  asked.then(session => { byId("logout").hidden = !session.logged_in; });
  if (!remember.known) {
    const session = await asked;
    if (!session.logged_in && !session.open_reads) return showLogin();
  }
  await begin().catch(() => showLogin());
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
await enter();
