// Brings the page up to date: fetches it again and puts in the regions that changed.

const shown = new Map();
let running = null;
let again = false;

function remember(root) {
  for (const region of root.querySelectorAll("[data-region]")) {
    shown.set(region.dataset.region, region.outerHTML);
  }
}
remember(document);

/** Refresh now; calls while one is under way make one more afterwards. */
export function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = load().finally(() => {
    running = null;
    if (again) {
      again = false;
      void refresh();
    }
  });
  return running;
}

let timer = 0;

/** Refresh soon: many calls in a short time make one refresh. */
export function refreshSoon() {
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    void refresh();
  }, 250);
}

async function load() {
  let answer;
  try {
    answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
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
    const name = region.dataset.region;
    const old = document.querySelector(`[data-region="${CSS.escape(name)}"]`);
    const html = region.outerHTML;
    if (!old || shown.get(name) === html) continue;
    if (merge(old, region)) shown.set(name, html);
  }
  document.title = fresh.title;
  document.dispatchEvent(new CustomEvent("studio:refreshed"));
}

/** Replace `old`, keyed parts one by one; a part with an edited or focused form is left alone. */
function merge(old, fresh) {
  const keyed = [...old.children].filter((child) => child.matches("details[data-keyed]"));
  const wanted = [...fresh.children].filter((child) => child.matches("details[data-keyed]"));
  if (keyed.length && keyed.length === wanted.length && keyed.length === old.children.length) {
    return keyed.map((part, index) => replace(part, wanted[index])).every(Boolean);
  }
  return replace(old, fresh);
}

function replace(old, fresh) {
  if (isBeingEdited(old)) return false;
  if (old.isEqualNode(fresh)) return true;
  const open = new Set([...old.querySelectorAll("details[open]")].map((part) => part.id));
  if (old.matches("details[open]")) open.add(old.id);
  const focused = old.contains(document.activeElement) ? mark(document.activeElement) : null;
  const next = document.importNode(fresh, true);
  for (const part of [next, ...next.querySelectorAll("details")]) {
    if (part.id && open.has(part.id)) part.open = true;
  }
  old.replaceWith(next);
  if (focused) [...next.querySelectorAll("a, button, summary")].find((part) => mark(part) === focused)?.focus();
  return true;
}

function mark(element) {
  return [element.tagName, element.id, element.closest("details")?.id, element.textContent.trim()].join("|");
}

function isBeingEdited(part) {
  return [...part.querySelectorAll("form")].some(
    (form) =>
      form.contains(document.activeElement) ||
      [...form.elements].some((input) => input.defaultValue !== undefined && input.value !== input.defaultValue),
  );
}
