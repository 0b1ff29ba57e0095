// Calls our own service for the signing page, with the visitor's session.

import { Failure } from "./failure.js";

const RETRIES = 4;
const ANSWER_MS = 60_000;
const root = document.getElementById("sign");
/** The SHA-256 of the document that the page shows: another one is not signed. */
export const shownDocument = root.dataset.sha256;
export const lang = document.documentElement.lang;

/** A signature that was sent twice is accepted once, so what fails on the way is repeated. */
export async function ask(method, path, body, retries = RETRIES) {
  const headers = { "content-type": "application/json", "x-csrf-token": root.dataset.csrf, "accept-language": lang };
  for (let left = retries; ; left -= 1) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const sent = { method, headers, signal, body: JSON.stringify(body) };
    const answer = await fetch(root.dataset.api + path, sent).catch(() => null);
    if (answer && answer.ok) return answer.json();
    const passes = !answer || answer.status >= 500 || answer.status === 429;
    if (!passes || left === 0) throw await refusal(answer);
    await pause(1000 * (retries - left + 1));
  }
}

async function refusal(answer) {
  if (!answer) return new Failure("offline");
  if (answer.status === 401) return new Failure("signed_out");
  const problem = await answer.json().catch(() => ({}));
  const name = String(problem.type).split(":").pop();
  // it was signed meanwhile, in another window, or issued anew
  if (["not-awaiting", "form-changed"].includes(name)) reload();
  return new Failure("other", { text: problem.title, name });
}

/** The page as the service knows the document now. */
export function reload() {
  location.replace(root.dataset.page);
}

/** The text in the page's language, from our service (a pair) or from the tool (by language). */
export function pick(message) {
  const text = Array.isArray(message) ? message[lang === "vi" ? 0 : 1] : message && message[lang];
  return typeof text === "string" ? text : "";
}

export function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
