// Signs with a key at a provider: starts it, says what to confirm on the phone, and waits for the end.
// A page that is loaded again goes on waiting.

import { ask, lang, pause, pick, reload, shownDocument } from "./service.js";

const POLL_MS = 2000;
const CODES = { "remote-pin-needed": "pin", "remote-otp-needed": "otp" };
const card = document.getElementById("phone");
const form = card.querySelector("form");
const parts = card.querySelectorAll("[data-phone]");
let followed = 0;

card.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
card.querySelector("[data-cancel]").addEventListener("click", cancel);
if (card.dataset.waits) follow();

async function start() {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  form.querySelectorAll("[type=password]").forEach((field) => (field.value = ""));
  show("starting");
  try {
    draw(await ask("POST", "/remote", { ...fields, document: shownDocument }, 0));
    follow();
  } catch (failure) {
    fail(failure);
  }
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

function show(name) {
  const before = [...parts].find((part) => !part.hidden);
  parts.forEach((part) => (part.hidden = part.dataset.phone !== name));
  const now = [...parts].find((part) => !part.hidden);
  const heading = now !== before && now.querySelector("h3");
  if (heading) heading.focus();
}

function draw(said) {
  const put = (name, text) => (card.querySelector(`[data-said="${name}"]`).textContent = text);
  put("title", pick(said.title));
  put("signer", said.signer);
  put("until", new Date(said.until).toLocaleTimeString(lang === "vi" ? "vi-VN" : "en-GB", { timeStyle: "short" }));
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

/** Words of the service, or else those on the page under this code. */
function tell(text, code) {
  const note = card.querySelector("[role=alert]");
  note.querySelectorAll("p").forEach((words) => {
    words.hidden = words.dataset.ended !== (text ? "other" : code);
    if (words.dataset.ended === "other") words.textContent = text;
  });
  note.hidden = false;
  note.focus();
}

function fail(failure) {
  show("form");
  const details = failure.details || {};
  const wanted = form.elements[CODES[details.name]];
  tell(details.text || "", failure.code || "offline");
  if (!wanted) return;
  wanted.closest(".field").hidden = false;
  wanted.focus();
}
