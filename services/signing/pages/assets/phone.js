// Signs with a key at a provider: starts it, lets the person pick a certificate that is not the office's, says
// what to confirm on the phone, and waits for the end. A page that is loaded again goes on waiting.

import { drawChoice, isOwn } from "./choice.js";
import { ask, lang, pause, pick, reload, shownDocument } from "./service.js";

const POLL_MS = 2000;
const CODES = { "remote-pin-needed": "pin", "remote-otp-needed": "otp" };
const card = document.getElementById("phone");
const sign = document.getElementById("sign");
const [form, choice] = card.querySelectorAll("form");
const parts = card.querySelectorAll("[data-phone]");
let followed = 0;
let pin = ""; // what was typed, from the PIN's step to that of the one-time password

card.hidden = false;
document.querySelector("[data-way=phone]").hidden = false;
const said = document.querySelector("[data-focus]");
if (said) said.scrollIntoView({ block: "center" }); // this card has just moved it
for (const [name, value] of Object.entries(history.state || {})) form.elements[name].value = value;
showHint();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
form.addEventListener("input", (event) => {
  if (!["user", "provider"].includes(event.target.name)) return;
  form.elements.certificate.value = "";
  showHint();
});
choice.addEventListener("change", mayGoOn);
choice.addEventListener("submit", (event) => {
  event.preventDefault();
  form.elements.certificate.value = choice.elements.certificate.value;
  send();
});
card.querySelector("[data-back]").addEventListener("click", () => {
  show("form");
  form.elements.user.focus();
});
card.querySelector("[data-cancel]").addEventListener("click", cancel);
if (card.dataset.waits) {
  place(true);
  follow();
}

/** The PIN is kept until the one-time password goes with it; who signs, until another page is opened. */
function send() {
  const { user, provider, otp } = form.elements;
  pin = otp.value ? "" : form.elements.pin.value;
  history.replaceState({ user: user.value, provider: provider.value }, "");
  start();
}

async function start() {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  form.querySelectorAll("[type=password]").forEach((field) => (field.value = ""));
  show("starting");
  try {
    draw(await ask("POST", "/remote", { ...fields, document: shownDocument }, 0));
    follow();
  } catch (failure) {
    if (failure.code === "offline" && (await hasBegun())) follow();
    else fail(failure);
  }
}

/** Whether a signature runs, or has signed: the answer to its start may be lost after the phone was asked. */
async function hasBegun() {
  const said = await ask("GET", "/remote").catch(() => ({}));
  return ["asked", "confirmed", "completed"].includes(said.status);
}

/** Asks our service until the signature has ended, or another one is followed. */
async function follow() {
  const mine = (followed += 1);
  try {
    for (;;) {
      const said = await ask("GET", "/remote");
      if (mine !== followed) return;
      if (!["asked", "confirmed"].includes(said.status)) {
        end(said);
        return;
      }
      draw(said);
      await pause(POLL_MS);
    }
  } catch (failure) {
    if (mine === followed) fail(failure);
  }
}

async function cancel() {
  try {
    const said = await ask("DELETE", "/remote");
    if (said.status !== "cancelled") return; // it was too late: the page goes on
    followed += 1;
    end(said);
  } catch (failure) {
    fail(failure);
  }
}

/** While a phone is asked, this card stands above the one of the signing tool. */
function place(first) {
  const isFirst = card.nextElementSibling === sign;
  if (first !== isFirst) sign[first ? "before" : "after"](card);
}

function show(name) {
  place(name === "waiting");
  const before = [...parts].find((part) => !part.hidden);
  parts.forEach((part) => (part.hidden = part.dataset.phone !== name));
  const now = [...parts].find((part) => !part.hidden);
  const heading = now !== before && now.querySelector("h3");
  if (heading) heading.focus();
}

function draw(said) {
  pin = "";
  const put = (name, text) => (card.querySelector(`[data-said="${name}"]`).textContent = text);
  put("title", pick(said.title));
  put("signer", said.signer);
  const clock = { timeStyle: "short", timeZone: card.dataset.zone };
  put("until", new Date(said.until).toLocaleTimeString(lang === "vi" ? "vi-VN" : "en-GB", clock));
  put("warnings", said.warnings.map((warning) => pick(warning.message)).join(". "));
  card.querySelector("[data-cancel]").hidden = said.status !== "asked";
  show("waiting");
}

function end(said) {
  const signed = said.status === "completed" || (said.failure && said.failure.reason.endsWith("not_awaiting"));
  if (signed) {
    reload();
    return;
  }
  show("form");
  tell(said.failure ? pick(said.failure.message) : "", said.status);
}

/** Words of the service, or else those on the page under this code. A next step is nothing bad. */
function tell(text, code, isStep = false) {
  const note = card.querySelector("[role=alert]");
  note.classList.toggle("is-bad", !isStep);
  note.querySelectorAll("p").forEach((words) => {
    words.hidden = words.dataset.ended !== (text ? "other" : code);
    if (words.dataset.ended === "other") words.textContent = text;
  });
  note.hidden = false;
  note.focus();
}

/** What the provider has for the name that was typed: the person picks one, and nothing is picked before. */
function showCertificates({ certificates, more }) {
  const drawn = certificates.map((each, at) =>
    drawChoice({ ...each, own: isOwn(each) }, `phone-certificate-${at}`, each.certificate, false));
  card.querySelector("[data-found]").replaceChildren(...drawn);
  card.querySelector("[data-more]").hidden = !more;
  mayGoOn();
  show("choose");
}

function mayGoOn() {
  choice.querySelector("button").disabled = !choice.querySelector(":checked");
}

/** What this provider's person types. */
function showHint() {
  const [chosen] = form.elements.provider.selectedOptions || [];
  if (!chosen) return;
  card.querySelectorAll("[data-hint]").forEach((hint) => (hint.hidden = hint.dataset.hint !== chosen.dataset.asks));
}

/** Shows the field of a code, and names the button by what it does from now on. */
function askFor(field) {
  field.closest(".field").hidden = false;
  form.querySelectorAll("[data-button]").forEach((words) => (words.hidden = words.dataset.button !== "code"));
  field.focus();
}

function fail(failure) {
  const details = failure.details || {};
  const typed = pin;
  pin = "";
  if (details.name === "remote-certificate-needed") {
    showCertificates(details);
    return;
  }
  show("form");
  const wanted = form.elements[CODES[details.name]];
  tell(details.text || "", failure.code || "offline", !!wanted);
  if (!wanted) return;
  if (wanted === form.elements.otp) form.elements.pin.value = typed;
  askFor(wanted);
}
