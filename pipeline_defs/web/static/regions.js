// Brings the page up to date: fetches it again and puts in the parts that changed.
//
// A page consists of regions. A region, or a part of one, that is marked `data-merge` is brought up to
// date child by child, by their ids: what did not change is not touched, so players go on playing and
// forms keep what was typed.

import { isChanged } from "./forms.js";

const shown = new WeakMap(); // a part -> its HTML as it came from the server
let running = null;
let again = false;
let cost = 0; // milliseconds the last refresh took

function remember(part) {
  if (part.hasAttribute("data-merge")) for (const child of part.children) remember(child);
  else shown.set(part, part.outerHTML);
}
for (const region of document.querySelectorAll("[data-region]")) remember(region);

/** Refresh now; calls while one is under way make one more afterwards. */
export function refresh() {
  if (running) {
    again = true;
    return running;
  }
  const began = performance.now();
  running = load().finally(() => {
    running = null;
    cost = performance.now() - began;
    if (again) {
      again = false;
      refreshSoon();
    }
  });
  return running;
}

let timer = 0;

/** Refresh soon: many calls in a short time make one refresh; a page that takes long waits longer. */
export function refreshSoon() {
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    void refresh();
  }, Math.max(250, 2 * cost));
}

async function load() {
  let answer;
  try {
    answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html", "X-Studio-Refresh": "1" } });
  } catch {
    return;
  }
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
    location.assign(answer.url);
    return;
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of fresh.querySelectorAll("[data-region]")) {
    const old = document.querySelector(`[data-region="${CSS.escape(region.dataset.region)}"]`);
    if (old) update(old, region);
  }
  document.title = fresh.title;
  document.dispatchEvent(new CustomEvent("studio:refreshed"));
}

function update(old, fresh) {
  if (old.hasAttribute("data-merge") && fresh.hasAttribute("data-merge")) merge(old, fresh);
  else if (shown.get(old) !== fresh.outerHTML) replace(old, fresh);
}

/** Bring children up to date by id, in the order of `fresh`; parts that are gone are taken out. */
function merge(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const present = new Map([...old.children].map((part) => [part.id, part]));
  let place = old.firstElementChild;
  for (const wanted of fresh.children) {
    const part = present.get(wanted.id);
    if (part) {
      present.delete(wanted.id);
      if (part === place) place = place.nextElementSibling;
      else old.insertBefore(part, place);
      update(part, wanted);
    } else {
      const added = document.importNode(wanted, true);
      remember(added);
      old.insertBefore(added, place);
    }
  }
  for (const part of present.values()) if (!isBeingEdited(part)) part.remove();
}

/** Put `fresh` in the place of `old`, unless somebody is writing in it. */
function replace(old, fresh) {
  if (isBeingEdited(old) || old.querySelector(".sure")) return; // nor while a button asks
  const open = new Set([...old.querySelectorAll("details[open]")].map((part) => part.id));
  if (old.matches("details[open]")) open.add(old.id);
  const focused = old.contains(document.activeElement) ? mark(document.activeElement) : null;
  const next = document.importNode(fresh, true);
  remember(next);
  for (const part of [next, ...next.querySelectorAll("details")]) {
    if (part.id && open.has(part.id)) part.open = true;
  }
  const players = [...old.querySelectorAll("video[id]")];
  const states = players.map((player) => ({ id: player.id, at: player.currentTime, on: !player.paused }));
  old.replaceWith(next);
  for (const state of states) carryOn(next.querySelector(`#${CSS.escape(state.id)}`), state);
  if (focused) keepPlace(next, focused);
}

/** Whoever was on a button that is gone is on the part's heading now, and not lost. */
function keepPlace(part, focused) {
  const same = [...part.querySelectorAll("a, button, summary")].find((other) => mark(other) === focused);
  const heading = part.querySelector("h1, h2, h3");
  if (!same && heading) heading.tabIndex = -1;
  (same ?? heading)?.focus({ preventScroll: true });
}

/** A new version of a video goes on where the old one was. */
function carryOn(player, { at, on }) {
  if (!player || !at) return;
  player.currentTime = at;
  if (on) player.play().catch(() => {});
}

function mark(element) {
  return [element.tagName, element.id, element.closest("details")?.id, element.textContent.trim()].join("|");
}

function isBeingEdited(part) {
  return [...part.querySelectorAll("form")].some(
    (form) =>
      form.contains(document.activeElement) ||
      [...form.elements].some(isChanged),
  );
}

// A page that nothing is streamed to asks by itself: `data-again` on a region says after how many
// seconds.
const pause = Number(document.querySelector("[data-again]")?.dataset.again ?? 0);
if (pause) setInterval(() => document.hidden || refreshSoon(), pause * 1000);
