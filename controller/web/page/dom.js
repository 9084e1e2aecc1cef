// Small helpers for the document. Text is always set as text: nothing that came over the air becomes markup.
import { strings as t } from "./strings.js";

export const byId = id => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Changes the text only when it differs, so that a screen reader does not say it again.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A button that has the keyboard loses it with `disabled`: it stays where it is, and does nothing when it is pressed.
export function allow(button, may) {
  button.setAttribute("aria-disabled", String(!may));
}

export function onPress(button, action) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") action();
  });
}

export function age(seconds) {
  if (seconds < 1) return t.age.moment;
  if (seconds < 60) return t.age.seconds(Math.round(seconds));
  if (seconds < 3600) return t.age.minutes(Math.floor(seconds / 60));
  if (seconds < 86400) return t.age.hours(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60);
  return t.age.days(Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24);
}

export function size(bytes) {
  let i = 0;
  while (bytes >= 1000 && i < t.sizes.length - 1) { bytes /= 1000; i++; }
  return t.sizes[i](bytes < 10 && i > 0 ? bytes.toFixed(1) : Math.round(bytes));
}

export const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A canvas in the pixels of the screen; the size that the style gives it, in CSS pixels.
export function sharp(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
