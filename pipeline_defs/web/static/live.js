// Follows the progress stream: resumes by event id, comes back with growing pauses.

import { refresh, refreshSoon } from "./regions.js";

const connection = document.getElementById("connection");
let source = null;
let following = "";
let lastId = null;
let failures = 0;
let retry = 0;

/** Open, keep or close the stream, as the page as it is now needs it. */
export function follow() {
  const wanted = document.hidden ? "" : address();
  if (wanted === following && (source || retry || !wanted)) return;
  close();
  following = wanted;
  if (wanted) open();
}

function address() {
  const one = document.querySelector("[data-kind][data-unit]");
  if (one) {
    if (one.dataset.final === "yes") return "";
    return `/v1/progress/${one.dataset.kind}/${one.dataset.unit}`;
  }
  const ids = document.querySelector("[data-follow]")?.dataset.follow.split(",").filter(Boolean) ?? [];
  return ids.length ? `/v1/progress?units=${ids.join(",")}` : "";
}

function open() {
  const one = document.querySelector("[data-kind][data-unit]");
  const after = one ? `?after=${lastId ?? one.dataset.after}` : "";
  source = new EventSource(following + after);
  source.addEventListener("open", () => {
    failures = 0;
    connection.hidden = true;
  });
  source.addEventListener("progress", (event) => {
    if (event.lastEventId) lastId = event.lastEventId;
    show(JSON.parse(event.data));
    refreshSoon();
  });
  source.addEventListener("reset", (event) => {
    lastId = event.lastEventId;
    refreshSoon();
  });
  source.addEventListener("end", () => {
    close();
    void refresh();
  });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CONNECTING && failures++ < 2) {
      return; // the browser is coming back by itself
    }
    close(true);
    connection.hidden = false;
    const pause = Math.min(30_000, 1000 * 2 ** Math.min(failures++, 5)) * (0.5 + Math.random() / 2);
    retry = setTimeout(() => {
      retry = 0;
      void refresh();
      open();
    }, pause);
  });
}

function close(keep = false) {
  source?.close();
  source = null;
  clearTimeout(retry);
  retry = 0;
  if (!keep) {
    following = "";
    connection.hidden = true;
  }
}

function show(event) {
  const row = document.querySelector(`[data-unit="${CSS.escape(event.unit)}"]`);
  const message = row?.querySelector("[data-message]") ?? document.getElementById("live");
  if (message && event.message) message.textContent = event.message;
  const bar = row?.querySelector("progress");
  if (bar && typeof event.percentage === "number") bar.value = event.percentage;
  const announcements = document.getElementById("announcements");
  if (announcements && event.status) announcements.textContent = `${row?.querySelector("h2, h3")?.textContent ?? ""}: ${event.message ?? event.status}`;
}

document.addEventListener("studio:refreshed", follow);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void refresh();
  else follow();
});
addEventListener("pagehide", () => close());
addEventListener("pageshow", (event) => {
  if (event.persisted) void refresh();
});
