// Calls our own service for the signing page, with the visitor's session.

import { Failure } from "./failure.js";
import { parse } from "./json.js";

const RETRIES = 4;
const ANSWER_MS = 60_000;
const root = document.getElementById("sign");
/** The SHA-256 of the document that the page shows: another one is not signed. */
export const shownDocument = root.dataset.sha256;
export const lang = document.documentElement.lang;

/** What our service answers, from JSON. */
export async function ask(method, path, body, retries = RETRIES) {
  const headers = { "content-type": "application/json", "x-csrf-token": root.dataset.csrf, "accept-language": lang };
  const answer = await send(root.dataset.api + path, { method, headers, body: JSON.stringify(body) }, retries);
  return JSON.parse(await answer.text());
}

/** The body of the answer. A signature that was sent twice is accepted once, so what fails on the way is repeated.
 *  Throws Failure: `offline` if no answer of our service came, which doesn't mean that nothing arrived. */
export async function send(address, options, retries = RETRIES) {
  for (let left = retries; ; left -= 1) {
    const { ok, status, body } = await fetchWhole(address, options);
    if (ok) return body;
    const passes = !status || status >= 500 || status === 429;
    if (!passes || left === 0) throw await refusal(status, body);
    await pause(1000 * (retries - left + 1));
  }
}

/** What the sending of a signature gives. Throws Failure `unknown` without an answer, or if our service broke on the
 *  way to it: it may have arrived. */
export async function deliver(sending) {
  try {
    return await sending;
  } catch (failure) {
    const told = failure.code !== "offline" && failure.details.name !== "internal";
    throw told ? failure : new Failure("unknown");
  }
}

/** An answer with its body; without a status if it is lost, whole or in part. */
async function fetchWhole(address, options) {
  try {
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(ANSWER_MS) });
    return { ok: answer.ok, status: answer.status, body: await answer.blob() };
  } catch {
    return {};
  }
}

async function refusal(status, body) {
  if (status === 401) return new Failure("signed_out");
  const problem = parse(body ? await body.text() : "") || {};
  if (!status || (status >= 500 && !problem.title)) return new Failure("offline"); // what stands before our service said it
  const name = String(problem.type).split(":").pop();
  // it was signed meanwhile, in another window, or issued anew
  if (["not-awaiting", "form-changed"].includes(name)) reload();
  return new Failure("other", { text: problem.title, name, certificates: problem.certificates, more: problem.more });
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
