// Studio's actions: forms and buttons, declared in the pages by data attributes.

import { call } from "./api.js";
import { follow } from "./live.js";
import { refresh } from "./regions.js";

const toasts = document.getElementById("toasts");

function toast(text, bad = false) {
  const item = document.createElement("p");
  item.className = bad ? "toast bad" : "toast";
  item.textContent = text;
  toasts.append(item);
  setTimeout(() => item.remove(), bad ? 10_000 : 4_000);
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
    const name = error.field.replace(/[[.].*/, "");
    const input = form.elements[name === "sections" && !form.elements.lines?.closest("[hidden]") ? "lines" : name];
    if (input instanceof HTMLElement) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", box.id);
    }
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function clearProblem(form) {
  form.querySelector("[data-problem]").hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

async function submit(form, work) {
  clearProblem(form);
  await busy(form.querySelector("[type=submit]"), async () => {
    try {
      await work();
    } catch (refusal) {
      showProblem(form, refusal);
    }
  });
}

function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

function articleRequest(form) {
  const values = form.elements;
  const given = values.outline.value === "given";
  const sections = given
    ? lines(values.lines.value).map((line) => {
        const [title, ...notes] = line.split("|");
        return { title: title.trim(), notes: notes.join("|").trim() };
      })
    : Number(values.sections.value);
  return {
    topic: values.topic.value,
    sections,
    language: values.language.value,
    publish: values.publish.checked ? "draft" : "none",
  };
}

let attempt = { body: "", key: "" };

async function create(form) {
  const request = articleRequest(form);
  const body = JSON.stringify(request);
  // the same form sent again, after a lost answer, must not make a second article
  if (attempt.body !== body) attempt = { body, key: randomKey() };
  const unit = await call("POST", "/v1/articles", request, { "Idempotency-Key": attempt.key });
  location.assign(unit.links.studio);
}

function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function edit(form) {
  const values = form.elements;
  await call("PATCH", form.dataset.edit, {
    title: values.title.value,
    notes: values.notes.value,
    key_points: lines(values.key_points.value),
  });
  for (const input of [values.title, values.notes, values.key_points]) input.defaultValue = input.value;
  form.closest("details").open = false;
  document.activeElement?.blur();
  toast("Saved. What was made from it is stale until it is rebuilt.");
  await refresh();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.matches("[data-sign-in]")) {
    void submit(form, async () => {
      await call("POST", "/session", { api_key: form.elements.api_key.value });
      location.assign(form.dataset.next);
    });
  } else if (form.matches("[data-create]")) {
    void submit(form, () => create(form));
  } else if (form.matches("[data-edit]")) {
    void submit(form, () => edit(form));
  }
});

function showOutline(form) {
  for (const part of form.querySelectorAll("[data-outline]")) {
    part.hidden = part.dataset.outline !== form.elements.outline.value;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.name === "outline") showOutline(event.target.form);
});

/** First click of a costly action asks; true when it may be done. */
function isSure(button) {
  if (!button.dataset.sure || button.classList.contains("sure")) return true;
  const text = button.textContent;
  button.textContent = button.dataset.sure;
  button.classList.add("sure");
  setTimeout(() => {
    button.textContent = text;
    button.classList.remove("sure");
  }, 4000);
  return false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-post]") && isSure(button)) {
    const { post, body, done } = button.dataset;
    void busy(button, async () => {
      try {
        await call("POST", post, body ? JSON.parse(body) : undefined);
        toast(done);
      } catch (refusal) {
        toast(refusal.message, true);
      }
      await refresh();
    });
  } else if (button?.matches("[data-sign-out]")) {
    void call("DELETE", "/session").then(
      () => location.assign("/studio/sign-in"),
      (refusal) => toast(refusal.message, true),
    );
  }
});

for (const form of document.querySelectorAll("[data-create]")) showOutline(form); // after a reload
follow();
