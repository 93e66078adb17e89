// The finished video: chapters and segments lead to their place in it, and show where it is.

function film() {
  return document.getElementById("film");
}

/** Go to a place in the video and play from there. */
export function seek(seconds) {
  const player = film();
  if (!player) return;
  player.currentTime = seconds;
  player.play().catch(() => {}); // a browser may not play without a gesture of its own
  player.scrollIntoView({ block: "nearest" });
}

/** Play a clip in the place of the button that stands on it. */
export function playClip(button) {
  const player = document.getElementById(button.dataset.play);
  player.controls = true;
  player.play().catch(() => {});
  player.focus();
  button.hidden = true;
}

function follow() {
  const player = film();
  if (!player) return;
  const at = player.currentTime + 0.01;
  current([...document.querySelectorAll(".chapters [data-seek]")], (part) => Number(part.dataset.seek), at, "aria-current");
  const cards = [...document.querySelectorAll(".segment[data-start]")];
  current(cards, (part) => Number(part.dataset.start), at, "data-playing");
}

/** Mark the last of `parts` that has begun. */
function current(parts, start, at, attribute) {
  const now = parts.filter((part) => start(part) <= at).at(-1);
  for (const part of parts) {
    if (part === now) part.setAttribute(attribute, "true");
    else part.removeAttribute(attribute);
  }
}

// media events do not bubble, but they can be captured; the player itself may be replaced
for (const name of ["timeupdate", "seeked"]) {
  document.addEventListener(name, (event) => event.target.id === "film" && follow(), true);
}

/** One sound at a time: what begins to play pauses what played. */
document.addEventListener(
  "play",
  (event) => {
    for (const player of document.querySelectorAll("video, audio")) {
      if (player !== event.target && !player.paused) player.pause();
    }
  },
  true,
);
