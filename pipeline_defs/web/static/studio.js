// Studio's actions: forms and buttons, declared in the pages by data attributes.

import { call, randomKey } from "./api.js";
import { createBatch, preview, reset } from "./batch.js";
import { changes, count, inputOf, newUnit, putFile, settle, settleChoice, showChoice, values } from "./forms.js";
import { follow } from "./live.js";
import { closePlayer, hear, hearStatement } from "./listening.js";
import { playClip, seek } from "./player.js";
import { refresh, refreshSoon } from "./regions.js";
import "./tabs.js";

/** Tell what came of an action; outside all regions, so that no refresh takes it away. */
function toast(text, bad = false) {
  const item = document.createElement("p");
  item.className = bad ? "toast bad" : "toast";
  item.textContent = text;
  document.getElementById(bad ? "problems" : "notices").append(item);
  setTimeout(() => item.remove(), bad ? 15_000 : 6_000);
}

/** Tell it to those only who do not see the page. */
function say(text) {
  const item = document.createElement("p");
  item.className = "visually-hidden";
  item.textContent = text;
  document.getElementById("notices").append(item);
  setTimeout(() => item.remove(), 6_000);
}

async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function showProblem(form, refusal) {
  const box = form.querySelector("[data-problem]");
  box.textContent = refusal.message;
  box.hidden = false;
  box.id ||= `problem-${Math.random().toString(36).slice(2)}`;
  box.setAttribute("role", "alert");
  for (const error of refusal.problem?.errors ?? []) {
    const input = inputOf(form, error.field);
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", box.id);
    }
  }
  const faulty = form.querySelector('[aria-invalid="true"]');
  faulty?.closest("details")?.setAttribute("open", "");
  faulty?.focus();
}

function clearProblem(form) {
  form.querySelector("[data-problem]").hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

async function submit(form, work, button = form.querySelector("[type=submit]")) {
  clearProblem(form);
  await busy(button, async () => {
    try {
      await work();
    } catch (refusal) {
      showProblem(form, refusal);
    }
  });
}

let attempt = { body: "", key: "" };

async function create(form) {
  const request = newUnit(form);
  const address = form.dataset.address ?? `/v1/${form.dataset.create}`;
  const body = address + JSON.stringify(request);
  // the same form sent again, after a lost answer, must not make a second unit
  if (attempt.body !== body) attempt = { body, key: randomKey() };
  const unit = await call("POST", address, request, { "Idempotency-Key": attempt.key });
  location.assign(unit.links.studio);
}

async function edit(form) {
  const body = changes(form);
  const changed = Object.keys(body).length > 0;
  if (changed) await call("PATCH", form.dataset.edit, body);
  settle(form);
  form.closest("details").open = false;
  document.activeElement?.blur();
  const done = form.dataset.done ?? "Saved. What was made from it is stale until it is rebuilt.";
  toast(changed ? done : "Nothing was changed.");
  await refresh();
}

/** Send all of a form, which is then done with. */
async function send(form) {
  await call(form.dataset.method ?? "POST", form.dataset.send, values(form));
  form.reset();
  form.closest("details").open = false;
  document.activeElement?.blur();
  toast(form.dataset.done);
  await refresh();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-filter]")) return; // its answer is a page of its own
  event.preventDefault();
  if (form.matches("[data-sign-in]")) {
    void submit(form, async () => {
      await call("POST", "/session", { api_key: form.elements.api_key.value });
      location.assign(form.dataset.next);
    });
  } else if (form.matches("[data-create]")) {
    void submit(form, () => create(form));
  } else if (form.matches("[data-edit]")) {
    void submit(form, () => edit(form));
  } else if (form.matches("[data-send]")) {
    void submit(form, () => send(form));
  } else if (form.matches("[data-batch]")) {
    void submit(form, async () => location.assign(await createBatch(form)));
  }
});

/** A choice that counts at once. */
async function choose(input) {
  try {
    await call("POST", input.dataset.choice, { [input.name]: input.value });
    settleChoice(input);
    toast(input.dataset.done);
  } catch (refusal) {
    for (const option of input.options) option.selected = option.defaultSelected;
    toast(refusal.message, true);
  }
  await refresh();
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    toast("Copied.");
  } catch {
    toast("The browser does not let it be copied: select the text instead.", true);
  }
}

document.addEventListener("change", (event) => {
  const group = event.target.closest("[data-switch]");
  if (group) showChoice(group);
  if (event.target.matches("[data-file-for]")) {
    void putFile(event.target).catch((refusal) => toast(refusal.message, true));
  }
  if (event.target.matches("[data-choice]")) void choose(event.target);
  if (event.target.name === "file" && event.target.closest("[data-batch]")) reset(event.target.form);
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-count]")) count(event.target);
  if (event.target.name === "text" && event.target.closest("[data-batch]")) reset(event.target.form);
});

const asking = new WeakMap(); // a button that asks -> what takes the question back

/** First click of a costly action asks; true when it may be done. */
function isSure(button) {
  if (!button.dataset.sure) return true;
  const answered = asking.get(button);
  if (answered) {
    answered();
    return true;
  }
  const text = button.textContent;
  button.textContent = button.dataset.sure;
  button.classList.add("sure");
  say(button.dataset.sure);
  const timer = setTimeout(() => {
    takeBack();
    refreshSoon(); // what changed meanwhile
  }, 6000);
  function takeBack() {
    clearTimeout(timer);
    asking.delete(button);
    button.textContent = text;
    button.classList.remove("sure");
  }
  asking.set(button, takeBack);
  return false;
}

/** How many failed pages are queued again, as one call takes only so many. */
function queuedAgain({ replayed, more }) {
  if (replayed.length === 0) return "Nothing was left to be queued again.";
  if (more) return `${replayed.length} are queued again. More are left: try them again as well.`;
  return replayed.length === 1 ? "It is queued again." : `${replayed.length} are queued again.`;
}

/** How many units a backfill queued: other than planned where something changed meanwhile. */
function backfilled({ queued, over_budget: dear, price_unknown: unknown }) {
  const units = queued === 1 ? "1 unit is queued." : `${queued} units are queued.`;
  const words = queued ? units : "Nothing was left to be made again.";
  const beyond = dear ? ` ${dear} more would exceed the budget.` : "";
  return words + beyond + (unknown ? ` Of ${unknown} more the price is not known.` : "");
}

/** What an action brought: a text, and whether it is bad news. */
function outcome(answer, done) {
  if (answer?.replayed) return [queuedAgain(answer)];
  if (answer?.over_budget !== undefined) return [backfilled(answer)];
  if (answer?.healthy === false) {
    const found = answer.broken.map((file) => `${file.part ? `Segment ${file.part}: ` : ""}${file.message}.`);
    return [[...found.slice(0, 5), answer.advice].join("\n"), true];
  }
  if (answer?.making?.total === 0) return [answer.making.advice ?? done];
  return [done];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-post]") && isSure(button)) {
    const { post, body, done } = button.dataset;
    void busy(button, async () => {
      try {
        const answer = await call("POST", post, body ? JSON.parse(body) : undefined);
        toast(...outcome(answer, done));
      } catch (refusal) {
        toast(refusal.message, true);
      }
      await refresh();
    });
  } else if (button?.matches("[data-preview]")) {
    void submit(button.form, () => preview(button.form), button);
  } else if (button?.matches("[data-copy]")) {
    void copy(button);
  } else if (button?.matches("[data-seek]")) {
    seek(Number(button.dataset.seek));
  } else if (button?.matches("[data-hear]")) {
    hearStatement(button);
  } else if (button?.matches("[data-close]")) {
    closePlayer(button.dataset.close);
  } else if (button?.matches("[data-at]")) {
    hear(Number(button.dataset.at));
  } else if (button?.matches("[data-play]")) {
    playClip(button);
  } else if (button?.matches("[data-sign-out]")) {
    void call("DELETE", "/session").then(
      () => location.assign("/studio/sign-in"),
      (refusal) => toast(refusal.message, true),
    );
  }
});

for (const group of document.querySelectorAll("[data-switch]")) showChoice(group); // after a reload
follow();
