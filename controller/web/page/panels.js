// The cards that are lists of words: state, parts, GPS, TAK, captures, doctor.
import { strings as t } from "./strings.js";
import { age, allow, byId, make, setText, size } from "./dom.js";
import { call } from "./api.js";

const marks = { ok: ["good", "✓"], waiting: ["warn wait", "…"], degraded: ["warn", "!"], fault: ["bad", "✕"], down: ["", "–"] };
const shortName = unit => unit.replace(/^stinky-/, "").replace(/\.service$/, "");

export function showState(status) {
  const { state } = status;
  byId("state-card").className = `card state ${state}`;
  setText(byId("state"), t.states[state] ?? state);
  setText(byId("since"), t.since(age(status.state_age_s)));
  setText(byId("reason"), status.reason ?? "");
  setText(byId("next-step"), status.next_step ?? "");
  setText(byId("request-error"), status.last_request?.error ?? "");
  const up = ["running", "degraded", "starting"].includes(state);
  allow(byId("start"), !up);
  allow(byId("stop"), state !== "inactive" && state !== "stopping");
  document.title = `${t.states[state] ?? state} · ${status.node}`;
  setText(byId("node"), status.node);
  setText(byId("version"), t.version(status.version));
  showKismet(status.kismet_page);
}

const isLoopback = host => /^(localhost|127\.[\d.]+|\[?::1\]?)$/.test(host);

// A link to what answers on the sensor alone is of use on the sensor alone.
function showKismet(page) {
  const link = byId("kismet");
  const { host, port } = page ?? {};
  link.hidden = !page || host !== null && isLoopback(host) && !isLoopback(location.hostname);
  if (link.hidden) link.removeAttribute("href");
  else link.href = `http://${host ?? location.hostname}:${port}/`;
}

// Parts turn ready while the stack starts: `begun` is when that began, in seconds of this page's clock, `awaited` who was not
// up yet, `ready` after how many seconds they were. Who was up before has no time, nor who was restarted later.
let begun = null, before = null;
const awaited = new Set(), ready = new Map();

function noteTimes({ state, state_age_s: age, units }, now) {
  const starts = state === "starting";
  if (starts && before !== "starting") {
    begun = now - age;
    awaited.clear();
    ready.clear();
  }
  for (const { name, active_state: active, active_age_s: since } of units) {
    if (active === "active") {
      const after = now - (since ?? 0) - begun;
      const mine = awaited.delete(name) || (starts || before === "starting") && after > -1;
      if (mine && !ready.has(name)) ready.set(name, Math.max(0, after));
    } else {
      ready.delete(name);
      if (active === "failed") awaited.delete(name);
      else if (starts) awaited.add(name);
    }
  }
  before = state;
}

function timeOf(unit, word, status, now) {
  if (unit.role === "attached") return "";
  if (ready.has(unit.name)) return t.ready(ready.get(unit.name).toFixed(1));
  return status.state === "starting" && unit.active_state !== "active" && word !== "fault" ? t.awaited((now - begun).toFixed(0)) : "";
}

function standing(unit, part) {
  if (unit.active_state === "failed") return ["fault", part?.reason || unit.result];
  if (unit.active_state === "activating") return ["waiting", unit.status_text || unit.sub_state];
  if (unit.active_state !== "active") return ["down", t.notRunning];
  if (!part) return ["ok", unit.status_text];
  if (part.stale) return ["fault", t.stale];
  return [part.state, part.reason];
}

// What the settings do not ask for is named only when something is about: it runs, or it has failed.
const asked = unit => ["member", "attached"].includes(unit.role) || unit.active_state !== "inactive" || Boolean(unit.job);

export function showParts(status) {
  const now = performance.now() / 1000;
  noteTimes(status, now);
  const parts = new Map(status.parts.map(part => [part.part, part]));
  const items = status.units.filter(unit => unit.name.endsWith(".service") && asked(unit)).map(unit => {
    const [word, why] = standing(unit, parts.get(unit.part));
    const [kind, sign] = marks[word] ?? marks.down;
    return make("li", { "data-part": shortName(unit.name), "data-word": word },
      make("span", { class: `mark ${kind}`, "aria-hidden": "true" }, sign),
      make("span", { class: "name" }, shortName(unit.name)),
      make("span", { class: "soft" }, timeOf(unit, word, status, now) || (t.health[word] ?? "")),
      make("span", { class: "why" }, [why, unit.restarts > 0 ? t.restarts(unit.restarts) : ""].filter(Boolean).join(" · ")));
  });
  byId("parts").replaceChildren(...(items.length ? items : [make("li", {}, t.noParts)]));
}

export function showGps(gps) {
  const near = value => value === null || value === undefined ? "–" : value;
  const facts = {
    fix: t.fix[gps.mode] + (gps.mode < 2 && gps.problem ? `: ${gps.problem.replace(/^no position: /, "")}` : ""),
    position: gps.latitude === null ? "–" : `${gps.latitude.toFixed(6)}, ${gps.longitude.toFixed(6)}`,
    error: gps.error_m === null ? "–" : t.metres(gps.error_m.toFixed(1)),
    altitude: gps.altitude_m === null ? "–" : t.metres(gps.altitude_m.toFixed(0)),
    speed: gps.speed_mps === null ? "–" : t.speed((gps.speed_mps * 3.6).toFixed(0)),
    satellites: t.of(gps.satellites_used, gps.satellites_seen),
    receiver: gps.receivers.map(r => `${r.device.replace("/dev/", "")} ${r.driver}`).join(", ") || "–",
    time: near(gps.time?.replace("T", " ").replace("Z", "")),
  };
  byId("gps-facts").replaceChildren(...Object.entries(facts).flatMap(([key, value]) =>
    [make("dt", {}, t.gpsFacts[key]), make("dd", { "data-fact": key }, value)]));
}

const inWords = (words, counters) => Object.entries(words)
  .filter(([key]) => typeof counters[key] === "number").map(([key, word]) => word(counters[key]));

function outputRow(output) {
  const { connected_since_s: since, ...counts } = output;
  const link = typeof since === "number" ? t.takOutput.connected_since_s(age(since)) : output.up === false && t.takOutput.notConnected;
  return make("li", {},
    make("span", { class: "grow" }, output.url ?? ""),
    make("span", { class: "soft" }, [link, ...inWords(t.takOutput, counts), output.problem].filter(Boolean).join(" · ")));
}

export function showTak(status) {
  const parts = status.parts.filter(part => /^(tak|wigletotak)/.test(part.part));
  if (!parts.length) return byId("tak").replaceChildren(make("p", { class: "soft" }, t.noTak));
  const items = parts.flatMap(part => [
    make("li", {}, make("span", { class: "grow" }, part.reason || part.state),
      make("span", { class: "soft" }, inWords(t.takCounts, part.counters ?? {}).filter(Boolean).join(" · "))),
    ...(Array.isArray(part.counters?.outputs) ? part.counters.outputs.map(outputRow) : [])]);
  byId("tak").replaceChildren(make("ul", { class: "list" }, ...items));
}

// Which captures the parts write: another one, or none any more, means that the list has changed.
let written = null;

export function forgetCaptures() { written = null; }

export function captureChanged(status) {
  const before = written;
  written = [status.state, ...status.parts.map(part => part.counters?.capture ?? "")].join("\n");
  return written !== before;
}

let asking = 0;

export async function showCaptures() {
  const mine = ++asking;
  const { captures } = await call("GET", "/api/v1/captures");
  if (mine === asking) listCaptures(captures); // else a newer list is on its way
}

// The list and its rows stay as long as what they tell of, so that who reads or uses one is not taken away from it.
const captureRows = new Map();
let captureList = null;

function captureRow({ name }) {
  const row = {
    size: make("span", { class: "soft" }),
    written: make("span", { class: "soft" }, t.open),
    link: make("a", { href: `/api/v1/captures/${encodeURIComponent(name)}`, download: name, "aria-label": `${t.download} ${name}` }, t.download),
    button: make("button", { type: "button", "aria-label": `${t.remove} ${name}`, onclick: () => removeCapture(name) }, t.remove),
  };
  row.item = make("li", {}, make("span", { class: "grow" }, name), row.size, row.link);
  captureRows.set(name, row);
  return row;
}

function fillCapture(row, { size: bytes, open }) {
  setText(row.size, size(bytes));
  if (open === row.open) return;
  row.open = open;
  if (open) row.link.before(row.written);
  else row.link.after(row.button);
  (open ? row.button : row.written).remove();
}

function listCaptures(captures) {
  const place = byId("captures"), used = document.activeElement, inUse = place.contains(used);
  const names = new Set(captures.map(capture => capture.name));
  for (const [name, row] of captureRows)
    if (!names.has(name)) {
      row.item.remove();
      captureRows.delete(name);
    }
  if (!captures.length) {
    captureList = null;
    place.replaceChildren(make("p", { class: "soft" }, t.noCaptures));
  } else if (!captureList) {
    captureList = make("ul", { class: "list" });
    place.replaceChildren(make("div", { class: "captures-box", tabindex: "0", role: "group", "aria-label": t.captures }, captureList));
  }
  let next = captureList?.firstChild;
  for (const capture of captures) {
    const row = captureRows.get(capture.name) ?? captureRow(capture);
    fillCapture(row, capture);
    if (row.item === next) next = next.nextSibling;
    else captureList.insertBefore(row.item, next);
  }
  // What was moved, or is gone.
  if (inUse && document.activeElement !== used) (place.contains(used) ? used : place).focus({ preventScroll: true });
}

async function removeCapture(name) {
  if (!confirm(t.removeAsk(name))) return;
  try {
    await call("DELETE", `/api/v1/captures/${encodeURIComponent(name)}`);
  } catch (error) {
    setText(byId("request-error"), `${t.failed}: ${error.message}`);
  }
  await showCaptures();
}

const results = { fault: marks.fault, warning: marks.degraded, ok: marks.ok, skipped: marks.down };

// What needs somebody first.
function inOrder(checks) {
  const rank = Object.keys(results);
  return [...checks].sort((a, b) => rank.indexOf(a.result) - rank.indexOf(b.result));
}

function checkRow({ check, result, what, why, fix }) {
  const [kind, sign] = results[result];
  return make("li", { "data-result": result },
    make("span", { class: `mark ${kind}`, role: "img", "aria-label": t.doctorWords[result] }, sign),
    make("span", { class: "grow" }, make("b", {}, `${check}:`), ` ${what}`,
      why ? make("div", { class: "soft" }, why) : "", fix ? make("div", { class: "next" }, `→ ${fix}`) : ""));
}

export async function runDoctor() {
  const button = byId("doctor-run");
  allow(button, false);
  byId("doctor").replaceChildren(make("p", { class: "soft" }, t.doctorBusy));
  try {
    const { checks, error } = await call("GET", "/api/v1/doctor", undefined, 90000);
    byId("doctor").replaceChildren(
      error ? make("p", { class: "bad" }, error) :
        checks.length ? make("ul", { class: "list" }, ...inOrder(checks).map(checkRow)) : make("p", { class: "soft" }, t.doctorNone));
  } catch (error) {
    byId("doctor").replaceChildren(make("p", { class: "bad" }, `${t.failed}: ${error.message}`));
  }
  allow(button, true);
}
