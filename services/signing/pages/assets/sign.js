// The signing page: finds the tools, lets the person choose one and a certificate, has the tool sign, and sends
// the signature. The page after it comes from the server, so that a reload shows the same. Works in Chrome 109.

import { toBase64 } from "./base64.js";
import { drawChoice, isOwn } from "./choice.js";
import { Failure } from "./failure.js";
import { ask, deliver, pick, reload, shownDocument } from "./service.js";
import { findTools, permission } from "./tools.js";

const root = document.getElementById("sign");
const others = document.getElementById("tools");
// At these steps nothing is begun at our service, so that another tool can take the place of the one in use.
const CHANGEABLE = ["pairing", "reading", "choose", "confirming", "failed"];
let found = [];
let tool = null;
let wanted = ""; // the name of the tool that the person chose
let choices = [];

const steps = { start, search, choose: showChoices };
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  if (button.dataset.do === "reload") reload(); // also stops what is running: the tool sees its page gone
  else run(steps[button.dataset.do]);
});
others.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (button) change(button.dataset.use);
});
document.getElementById("certificates").addEventListener("change", mayGoOn);
document.getElementById("certificates").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = root.querySelector("[name=certificate]:checked");
  if (chosen) run(() => sign(choices[Number(chosen.value)]));
});

root.querySelector('[data-step="start"] button').disabled = false; // before, a click would do nothing

/** Shows one step, and puts the reader at its heading. */
function show(name) {
  root.querySelectorAll("[data-step]").forEach((step) => {
    step.hidden = step.dataset.step !== name;
  });
  others.hidden = found.length < 2 || !CHANGEABLE.includes(name);
  const heading = root.querySelector(`[data-step="${name}"] h2`);
  if (heading) heading.focus();
}

/** One thing at a time: a second click while something runs does nothing. */
let running = false;
async function run(step) {
  if (running) return;
  running = true;
  let changed = false;
  try {
    await step();
  } catch (error) {
    changed = error.code === "changed";
    if (!changed) fail(error instanceof Failure ? error : new Failure("tool_problem"));
  } finally {
    running = false;
  }
  if (changed) await run(search);
}

/** Goes on with another of the tools that were found. What runs stops with `changed`, unless it has signed. */
function change(name) {
  wanted = name;
  tool.close();
  stopWaiting();
  run(search);
}

/** Waits for our service too. Throws Failure `changed` once the person takes another tool. */
let stopWaiting = () => {};
function unlessChanged(waiting) {
  const changed = new Promise((_, reject) => (stopWaiting = () => reject(new Failure("changed"))));
  if (tool.closed) stopWaiting();
  return Promise.race([changed, waiting]);
}

async function start() {
  const status = await permission();
  if (status && status.state === "prompt" && !["localhost", "127.0.0.1"].includes(location.hostname)) {
    show("permission");
    return;
  }
  await search();
}

async function search() {
  show("searching");
  choices = [];
  found = await findTools();
  tool = found.find((each) => each.name === wanted) || found[0];
  found.filter((each) => each !== tool).forEach((each) => each.close());
  nameTools();
  if (tool.signsFiles) {
    await signFile();
    return;
  }
  if (!tool.paired) {
    show("pairing");
    await tool.pair();
  }
  show("reading");
  await readCertificates();
  const own = choices.filter((choice) => choice.own && !choice.refusal);
  if (own.length === 1) await sign(own[0]);
  else showChoices();
}

/** Names the tool in use, and offers the others. */
function nameTools() {
  const names = found.map((each) => each.name);
  others.querySelectorAll("[data-use]").forEach((button) => {
    button.hidden = button.dataset.use === tool.name || !names.includes(button.dataset.use);
  });
  others.querySelectorAll("[data-used]").forEach((text) => (text.hidden = text.dataset.used !== tool.name));
}

async function readCertificates() {
  const listed = await tool.certificates();
  if (!listed.length) throw new Failure("no_certificate");
  const chains = listed.map((one) => [one.certificate, ...one.issuers].slice(0, 8));
  const verdicts = await unlessChanged(ask("POST", "/certificates", { chains: chains.slice(0, 16) }));
  choices = verdicts.map((verdict, at) => ({
    ...listed[at],
    chain: chains[at],
    own: isOwn(verdict),
    refusal: verdict.refusal,
    warnings: verdict.warnings,
  }));
}

function showChoices() {
  const list = root.querySelector("[data-choices]");
  const first = choices.findIndex((choice) => choice.own && !choice.refusal);
  list.replaceChildren(...choices.map((choice, at) => drawChoice(choice, `certificate-${at}`, at, at === first)));
  const usable = choices.some((choice) => !choice.refusal);
  root.querySelector("[data-chosen]").hidden = first < 0;
  mayGoOn();
  root.querySelector("[data-unusable]").hidden = usable;
  show("choose");
}

/** The button works once a certificate is chosen. */
function mayGoOn() {
  root.querySelector("#certificates button").disabled = !root.querySelector("[name=certificate]:checked");
}

async function sign(choice) {
  show("preparing");
  const wanted = { certificates: choice.chain, images: await stampImages(), document: shownDocument };
  const attempt = await ask("POST", "/attempts", wanted);
  show("confirming");
  const { number, title } = root.dataset;
  const signature = await tool.sign(choice.id, attempt, { title, number, sha256: shownDocument });
  show("sending");
  await deliver(ask("PUT", `/attempts/${attempt.attempt}/signature`, { signature }));
  reload();
}

/** The images that the person chose for the stamp. The page of a contract offers none. */
async function stampImages() {
  const images = {};
  for (const name of ["signer", "seal"]) {
    const input = document.getElementById(`stamp.${name}`);
    const file = input && input.files[0];
    if (file) images[name] = await toBase64(file);
  }
  return images;
}

/** For a tool that fetches the document and returns it signed by itself. */
async function signFile() {
  show("preparing");
  const paths = await ask("POST", "/transfers", { document: shownDocument });
  show("confirming");
  const signing = tool.signFile({
    document: location.origin + paths.document,
    upload: location.origin + paths.upload,
    sending: () => show("sending"),
  });
  await unlessChanged(signing);
  reload();
}

function fail(failure) {
  if (["none", "denied", "outdated"].includes(failure.code)) {
    show(failure.code);
    return;
  }
  const texts = [...root.querySelectorAll("[data-failure]")];
  const other = texts.find((text) => text.dataset.failure === "other");
  const named = texts.find((text) => text.dataset.failure === failure.code);
  const said = failure.details.text || (named ? "" : pick(failure.details.message));
  other.textContent = said || String(failure.code);
  texts.forEach((text) => (text.hidden = text !== (said || !named ? other : named)));
  const sent = failure.code === "unknown";
  root.querySelector("[data-unsent]").hidden = sent;
  root.querySelector('[data-step="failed"] [data-do="reload"]').hidden = !sent && failure.code !== "signed_out";
  const pin = failure.details.pin || {};
  for (const flag of ["final_try", "locked"]) { // `low` says no more than the wrong PIN itself
    if (pin[flag]) texts.find((text) => text.dataset.failure === `pin_${flag}`).hidden = false;
  }
  root.querySelector('[data-do="choose"]').hidden = choices.length < 2;
  show("failed");
}
