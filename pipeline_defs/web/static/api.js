// Calls of the gateway's API; failures become sentences.

export class Refusal extends Error {
  constructor(problem) {
    super(words(problem));
    this.problem = problem;
  }
}

/** Send a request, its body as JSON or a file as it is, and return the answer's JSON (null when there is none); Refusal on any failure. */
export async function call(method, url, body, headers = {}) {
  const options = { method, headers: { ...headers }, credentials: "same-origin" };
  if (body instanceof Blob) options.body = body; // a file, with its own type
  else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Refusal({ detail: "The gateway cannot be reached.", advice: "Check the connection and try again." });
  }
  const text = await answer.text();
  let content = null;
  try {
    content = text ? JSON.parse(text) : null;
  } catch {
    content = null;
  }
  if (answer.status === 401 && !url.startsWith("/session")) {
    location.assign(`/studio/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  if (!answer.ok) {
    throw new Refusal(content ?? { detail: `The gateway answered ${answer.status}.` });
  }
  return content;
}

/** A key that tells one request from another. */
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function words(problem) {
  const fields = (problem.errors ?? []).map(
    (error) => `${error.field === "file" ? "" : label(error.field)} ${error.message}.${error.fix ? ` ${error.fix}` : ""}`.trim(), // a file's problems name its fields
  );
  return [...(fields.length ? fields : [problem.detail ?? "It did not work."]), problem.advice ?? ""].join("\n").trim();
}

function label(field) {
  const name = field.replace(/^(metadata|options)\./, "").replaceAll("_", " ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}
