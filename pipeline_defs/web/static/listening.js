// A recording and its transcript: what is said is marked, what is clicked is heard.

const graphs = new WeakMap(); // a player -> its channels, once somebody asked for one of them
let words = []; // of the transcript: element, first and last second
let marked = new Set();
let following = 0;
let until = Infinity; // where a statement that is played by itself ends

function recording() {
  return document.getElementById("recording");
}

/** Play the recording from a second on. */
export function hear(seconds) {
  const player = recording();
  if (!player) return;
  player.currentTime = seconds;
  player.play().catch(() => {}); // a browser may not play without a gesture of its own
}

/** Play one statement of a recording, in the small player. */
export function hearStatement(button) {
  const { hear: source, at, until: end, whole } = button.dataset;
  const player = document.getElementById("evidence-player");
  document.getElementById("mini").hidden = false;
  document.getElementById("mini-quote").textContent = button.parentElement.querySelector("q").textContent;
  document.getElementById("mini-whole").href = whole;
  if (player.getAttribute("src") !== source) player.src = source;
  player.currentTime = Number(at);
  until = Number(end) + 0.2;
  player.play().catch(() => {});
}

/** Put a player away. */
export function closePlayer(id) {
  const box = document.getElementById(id);
  box.querySelector("audio").pause();
  box.hidden = true;
}

function readWords() {
  words = [...document.querySelectorAll("[data-from]")].map((element) => ({
    element,
    from: Number(element.dataset.from),
    to: Number(element.dataset.to),
  }));
  marked = new Set();
  mark();
}

/** Mark what is being said now; both may speak at once. */
function mark() {
  const player = recording();
  if (!player) return;
  const now = player.currentTime;
  const begun = now > 0 || !player.paused;
  const said = new Set(words.filter(({ from, to }) => begun && from <= now && now < to).map(({ element }) => element));
  for (const element of marked) if (!said.has(element)) element.classList.remove("heard");
  for (const element of said) {
    if (marked.has(element)) continue;
    element.classList.add("heard");
    element.closest("li").scrollIntoView({ block: "nearest" });
  }
  marked = said;
}

/** Show in the waveforms where the recording is. */
function point() {
  const player = recording();
  for (const waves of document.querySelectorAll("[data-waves]")) {
    const share = Math.min(1, player.currentTime / Number(waves.dataset.waves));
    for (const svg of waves.querySelectorAll("svg")) {
      const at = share * svg.viewBox.baseVal.width;
      for (const end of ["x1", "x2"]) svg.querySelector(".now").setAttribute(end, at);
    }
  }
}

function follow() {
  mark();
  point();
  const player = recording();
  following = player && !player.paused ? requestAnimationFrame(follow) : 0;
}

/** Route one channel of the recording, or each, to the ears. */
function listenTo(group) {
  const player = recording();
  const chosen = group.querySelector("input:checked").value;
  try {
    const { context, splitter, merger } = channels(player);
    void context.resume();
    splitter.disconnect();
    const ears = chosen === "both" ? [0, 1] : [Number(chosen), Number(chosen)];
    ears.forEach((from, to) => splitter.connect(merger, from, to));
  } catch {
    group.querySelector("[value=both]").checked = true;
    group.disabled = true;
    document.querySelector("[data-no-channels]").hidden = false;
  }
}

function channels(player) {
  let graph = graphs.get(player);
  if (!graph) {
    const context = new AudioContext();
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    context.createMediaElementSource(player).connect(splitter);
    merger.connect(context.destination);
    graph = { context, splitter, merger };
    graphs.set(player, graph);
  }
  return graph;
}

// media events do not bubble, but they can be captured; the player itself may be replaced
for (const name of ["timeupdate", "seeked", "play"]) {
  document.addEventListener(
    name,
    ({ target }) => {
      if (target.id === "recording" && !following) follow();
      if (target.id === "evidence-player" && name === "timeupdate" && target.currentTime >= until) {
        until = Infinity; // whoever plays on hears the rest
        target.pause();
      }
    },
    true,
  );
}

document.addEventListener("change", ({ target }) => {
  const group = target.closest("[data-channels]");
  if (group) listenTo(group);
  if (target.matches("[data-speed]")) recording().playbackRate = Number(target.value);
});

document.addEventListener("click", ({ target, clientX }) => {
  const word = target.closest?.("[data-from]");
  if (word && getSelection().isCollapsed) hear(Number(word.dataset.from));
  const wave = target.closest?.("[data-waves] svg");
  if (!wave) return;
  const { left, width } = wave.getBoundingClientRect();
  hear(((clientX - left) / width) * Number(wave.closest("[data-waves]").dataset.waves));
});

/** The space bar plays and pauses, unless it means something where it is pressed. */
document.addEventListener("keydown", (event) => {
  const player = recording();
  const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
  if (event.key !== " " || !plain || !player || event.target.closest("a, button, input, select, textarea, summary, audio")) return;
  event.preventDefault();
  if (player.paused) player.play().catch(() => {});
  else player.pause();
});

/** The address may name a second to begin at. */
function goToStart() {
  const start = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
  const player = recording();
  if (!start || !player) return;
  player.currentTime = Number(start[1]);
  const first = words.find(({ to }) => to > Number(start[1]));
  first?.element.closest("li").scrollIntoView({ block: "center" });
}

readWords();
goToStart();
addEventListener("hashchange", goToStart);
document.addEventListener("studio:refreshed", readWords);
