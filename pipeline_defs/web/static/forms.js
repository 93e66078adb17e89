// What forms say, as requests of the API.

export function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** The request of the form for something new. */
export function newUnit(form) {
  const forms = { lectures: lecture, campaigns: campaign, articles: article, pages: page };
  return forms[form.dataset.create](form.elements);
}

function article(values) {
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

function page(values) {
  const about = {};
  for (const name of ["category", "brand", "topic"]) {
    if (values[name].value.trim()) about[name] = values[name].value;
  }
  const skus = values.skus.value.split(/[\s,;]+/).filter(Boolean);
  if (skus.length) about.skus = skus;
  const request = {
    page_type: values.page_type.value,
    target_url: values.target_url.value.trim(),
    keywords: lines(values.keywords.value),
    language: values.language.value,
    metadata: about,
    options: { skip_quality: values.skip_quality.checked, publish: values.publish.value },
  };
  if (values.brand_voice.value.trim()) request.brand_voice = values.brand_voice.value;
  if (values.priority.value) request.priority = values.priority.value;
  if (values.deadline.value) request.deadline = new Date(values.deadline.value).toISOString();
  return request;
}

function campaign(values) {
  return { file: values.file.value };
}

function lecture(values) {
  const request = {
    voice: values.voice.value,
    music_tracks: Number(values.music_tracks.value),
    language: values.language.value,
  };
  const minutes = values.minutes.value.trim().replace(",", ".");
  if (values.source.value === "topic") request.topic = values.topic.value;
  else {
    const parts = values.script.value.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean);
    request.script = parts.length > 1 ? parts : values.script.value;
    if (values.title.value.trim()) request.title = values.title.value;
  }
  if (minutes) request.minutes = Number.isFinite(Number(minutes)) ? Number(minutes) : minutes;
  return request;
}

/** The input of a form that a field of the request comes from, if there is one. */
export function inputOf(form, field) {
  const names = field.replace(/\[\d+\]/g, "").split(".");
  const name = names[0] === "sections" && !form.elements.lines?.closest("[hidden]") ? "lines" : names[0];
  const found = [field, name, names.at(-1)].map((known) => form.elements[known]);
  return found.find((input) => input instanceof HTMLElement);
}

/** Put the text of a chosen file into the field it is for; an Error that says so if it is too long. */
export async function putFile(input) {
  const [file] = input.files;
  if (!file) return;
  const field = document.getElementById(input.dataset.fileFor);
  if (file.size > Number(input.dataset.most)) {
    input.value = "";
    throw new Error(`${file.name} is too large: ${input.dataset.most} bytes are the most.`);
  }
  field.value = await file.text();
  input.value = ""; // the same file can be chosen again, once it was corrected
  field.focus();
}

/** Whether a field is other than it came from the server. */
export function isChanged(input) {
  if (input instanceof HTMLSelectElement) return [...input.options].some((option) => option.selected !== option.defaultSelected);
  if (input.type === "checkbox") return input.checked !== input.defaultChecked;
  return input.defaultValue !== undefined && input.value !== input.defaultValue;
}

/** What was changed in a form: fields that were left alone are not sent. */
export function changes(form) {
  const body = {};
  for (const input of form.elements) if (input.name && isChanged(input)) put(body, input);
  return body;
}

/** Everything a form says. */
export function values(form) {
  const body = {};
  for (const input of form.elements) if (input.name) put(body, input);
  return body;
}

/** Put what a field says into a request; a dot in its name leads into a part of it. */
function put(body, input) {
  const path = input.name.split(".");
  const last = path.pop();
  for (const part of path) body = body[part] ??= {};
  body[last] = said(input);
}

function said(input) {
  const { dataset, value } = input;
  if (input.type === "checkbox") return input.checked;
  if ("lines" in dataset) return lines(value);
  if ("nullable" in dataset && !value.trim()) return null;
  return "utc" in dataset ? `${value}Z` : value;
}

/** What was typed is what is stored: the form is not being edited any more. */
export function settle(form) {
  for (const input of form.elements) {
    if (input instanceof HTMLSelectElement) settleChoice(input);
    else if (input.type === "checkbox") input.defaultChecked = input.checked;
    else if (input.name) input.defaultValue = input.value;
  }
}

export function settleChoice(select) {
  for (const option of select.options) option.defaultSelected = option.selected;
}

/** Show the part of a form that belongs to the chosen radio button. */
export function showChoice(group) {
  const name = group.dataset.switch;
  const chosen = group.querySelector("input:checked")?.value;
  for (const part of document.querySelectorAll(`[data-${name}]`)) {
    part.hidden = part.dataset[name] !== chosen;
  }
}

/** Say how long a text is and how long it may be. */
export function count(input) {
  const counter = document.getElementById(input.getAttribute("aria-describedby"));
  if (counter) counter.textContent = `${input.value.length} of ${input.maxLength} characters`;
}
