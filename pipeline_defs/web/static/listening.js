// A recording and its transcript: what is said is marked, what is clicked is heard.

const audio = document.getElementById("recording");
let solo = null; // hears one channel, once somebody asked for it

/** Play from a second on. */
export function hear(seconds) {
  if (!audio) return;
  audio.currentTime = seconds;
  audio.play().catch(() => {});
}

function follow() {
  const now = audio.currentTime;
  for (const word of document.querySelectorAll("[data-from]")) {
    const said = Number(word.dataset.from) <= now && now < Number(word.dataset.to);
    word.classList.toggle("heard", said);
    if (said) word.closest("li")?.scrollIntoView({ block: "nearest" });
  }
}

/** Route one channel of the recording to both ears. */
function listenTo(channel) {
  if (!solo) {
    const context = new AudioContext();
    const source = context.createMediaElementSource(audio);
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    source.connect(splitter);
    merger.connect(context.destination);
    solo = { context, splitter, merger };
  }
  void solo.context.resume();
  solo.splitter.disconnect();
  const ears = channel === "both" ? [0, 1] : [Number(channel), Number(channel)];
  ears.forEach((from, to) => solo.splitter.connect(solo.merger, from, to));
}

if (audio) {
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("seeked", follow);
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-channels]")) listenTo(event.target.value);
  });
  const start = /^#t=([0-9.]+)$/.exec(location.hash);
  if (start) {
    const seek = () => {
      audio.currentTime = Number(start[1]);
    };
    if (audio.readyState > 0) seek();
    else audio.addEventListener("loadedmetadata", seek, { once: true });
  }
}
