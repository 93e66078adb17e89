// Many pages at once: what a file says is shown first; only what is right can be sent.

import { call, randomKey, Refusal } from "./api.js";

const TYPES = {
  json: "application/json",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
let ready = null; // what was looked at and is right: its body, and name and key it is sent with

/** The chosen file or the pasted rows, as they are sent. */
function content(form) {
  const [file] = form.elements.file.files;
  const text = form.elements.text.value;
  if (file && text.trim()) throw new Refusal({ detail: "There is a file and there are pasted rows.", advice: "Leave one of them empty." });
  if (file) {
    if (file.size > Number(form.elements.file.dataset.most)) {
      throw new Refusal({ detail: `${file.name} is too large: ${Number(form.elements.file.dataset.most) / 1e6} MB are the most.` });
    }
    const ending = file.name.toLowerCase().split(".").at(-1);
    return new Blob([file], { type: TYPES[ending] ?? "text/csv" });
  }
  if (!text.trim()) throw new Refusal({ detail: "There is nothing to look at.", advice: "Choose a file or paste rows." });
  return new Blob([text], { type: /^\s*[[{]/.test(text) ? TYPES.json : "text/csv" });
}

/** Show what the rows say and what is wrong with them. */
export async function preview(form) {
  reset(form);
  const body = content(form);
  const found = await call("POST", "/v1/pages/batches/preview", body);
  const right = found.error_count === 0 && found.total > 0;
  const part = document.getElementById("batch-preview");
  part.hidden = false;
  fillFaults(part.querySelector("[data-faults]"), found);
  fillRows(part.querySelector("[data-rows]"), found);
  const pages = count(found.total, "page");
  const heading = part.querySelector("h2");
  heading.textContent = right ? `${pages}, nothing is wrong` : found.error_count ? `${count(found.error_count, "fault")} in ${count(found.total, "row")}` : "There are no rows";
  const button = form.querySelector("[type=submit]");
  button.disabled = !right;
  if (right) {
    ready = { body };
    button.textContent = `Create ${pages}`;
    button.focus();
  } else {
    heading.focus();
  }
}

/** Store what was looked at; the address of the new batch. */
export async function createBatch(form) {
  if (!ready) throw new Refusal({ detail: "Look at it first." });
  const name = form.elements.name.value.trim();
  // the same sent again, after a lost answer, must not make a second batch
  if (ready.name !== name) ready = { ...ready, name, key: randomKey() };
  const batch = await call("POST", `/v1/pages/batches?name=${encodeURIComponent(name)}`, ready.body, { "Idempotency-Key": ready.key });
  return batch.links.studio;
}

/** What was changed has to be looked at again. */
export function reset(form) {
  ready = null;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.textContent = "Create the pages";
  document.getElementById("batch-preview").hidden = true;
}

function fillFaults(box, found) {
  box.hidden = !found.error_count;
  const rows = found.errors.map((e) => [e.row || "", e.column, `${sentence(e.message)}.${e.fix ? ` ${e.fix}` : ""}`, e.value]);
  const more = found.error_count - found.errors.length;
  box.replaceChildren(
    node("h3", {}, "What is wrong"),
    table("Faults by row and column", ["Row", "Column", "What is wrong", "Value"], rows, "faults"),
    ...(more > 0 ? [node("p", { className: "muted small" }, `and ${more} more`)] : []),
  );
}

function fillRows(box, found) {
  box.hidden = !found.rows.length;
  const faulty = new Set(found.errors.map((e) => `${e.row}|${e.column}`));
  const rows = found.rows.map((row) => [row.row, ...found.columns.map((name) => row[name] ?? "")]);
  const part = table("The first rows", ["Row", ...found.columns], rows, "rows");
  for (const [n, line] of [...part.querySelectorAll("tbody tr")].entries()) {
    for (const [place, name] of found.columns.entries()) {
      if (faulty.has(`${found.rows[n].row}|${name}`)) line.children[place + 1].className = "faulty";
    }
  }
  const shown = found.rows.length < found.total ? `The first ${found.rows.length} of ${found.total} rows` : "All rows";
  box.replaceChildren(node("h3", {}, shown), part);
}

function table(name, headings, rows, className) {
  const head = node("tr", {}, ...headings.map((text) => node("th", { scope: "col" }, text)));
  const body = rows.map(([first, ...cells]) =>
    node("tr", {}, node("th", { scope: "row" }, String(first)), ...cells.map((text) => node("td", {}, String(text)))),
  );
  const filled = node("table", { className }, node("thead", {}, head), node("tbody", {}, ...body));
  const box = node("div", { className: "scroll", tabIndex: 0, role: "region" }, filled);
  box.setAttribute("aria-label", name);
  return box;
}

function node(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
