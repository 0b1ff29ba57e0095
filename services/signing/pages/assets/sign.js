// The signing page: finds the tool, lets the person choose a certificate, has the tool sign, and sends the
// signature. The page after it comes from the server, so that a reload shows the same. Works in Chrome 109.

import { toBase64 } from "./base64.js";
import { Failure } from "./failure.js";
import { ask, lang, pick, reload, shownDocument } from "./service.js";
import { findTool, permission } from "./tools.js";

const root = document.getElementById("sign");
const words = JSON.parse(document.getElementById("words").textContent);
let tool = null;
let choices = [];

const steps = { start, search, choose: showChoices };
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  if (button.dataset.do === "reload") reload(); // also stops what is running: the tool sees its page gone
  else run(steps[button.dataset.do]);
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
  const heading = root.querySelector(`[data-step="${name}"] h2`);
  if (heading) heading.focus();
}

/** One thing at a time: a second click while something runs does nothing. */
let running = false;
async function run(step) {
  if (running) return;
  running = true;
  try {
    await step();
  } catch (error) {
    fail(error instanceof Failure ? error : new Failure("tool_problem"));
  } finally {
    running = false;
  }
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
  tool = await findTool();
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

async function readCertificates() {
  const found = await tool.certificates();
  if (!found.length) throw new Failure("no_certificate");
  const chains = found.map((one) => [one.certificate, ...one.issuers].slice(0, 8));
  const verdicts = await ask("POST", "/certificates", { chains: chains.slice(0, 16) });
  choices = verdicts.map((verdict, at) => ({
    ...found[at],
    chain: chains[at],
    own: ["tax_code", "budget_code"].includes(verdict.match),
    refusal: verdict.refusal,
    warnings: verdict.warnings,
  }));
}

function showChoices() {
  const list = root.querySelector("[data-choices]");
  const template = root.querySelector('[data-step="choose"] template');
  const first = choices.findIndex((choice) => choice.own && !choice.refusal);
  list.replaceChildren(...choices.map((choice, at) => drawChoice(template, choice, at, at === first)));
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

function drawChoice(template, choice, at, chosen) {
  const drawn = template.content.cloneNode(true);
  const [input, label] = [drawn.querySelector("input"), drawn.querySelector("label")];
  const [more, warned, wrong] = drawn.querySelectorAll("p");
  Object.assign(input, { id: `certificate-${at}`, value: at, checked: chosen, disabled: !!choice.refusal });
  label.htmlFor = input.id;
  more.id = `${input.id}-more`;
  input.setAttribute("aria-describedby", more.id);
  label.textContent = choice.holder;
  const until = new Date(choice.valid_to).toLocaleDateString("en-GB"); // 31/12/2026 in both languages
  more.textContent = [
    choice.own ? words.is_yours : choice.codes.join(", "),
    fill(words.issued, { issuer: choice.issuer, day: until }),
    fill(words.on_token, { token: choice.token.label }),
  ].filter(Boolean).join(". ");
  warned.textContent = choice.warnings.map((said) => pick(said.message)).join(". ");
  warned.hidden = !choice.warnings.length;
  wrong.textContent = choice.refusal ? pick(choice.refusal.message) : "";
  wrong.hidden = !choice.refusal;
  return drawn;
}

async function sign(choice) {
  show("preparing");
  const wanted = { certificates: choice.chain, images: await stampImages(), document: shownDocument };
  const attempt = await ask("POST", "/attempts", wanted);
  show("confirming");
  const { number, title } = root.dataset;
  const signature = await tool.sign(choice.id, attempt, { title, number, sha256: shownDocument });
  show("sending");
  try {
    await ask("PUT", `/attempts/${attempt.attempt}/signature`, { signature });
  } catch (failure) {
    throw failure.code === "offline" ? new Failure("unknown") : failure;
  }
  reload();
}

/** The images that the person chose for the stamp. */
async function stampImages() {
  const images = {};
  for (const name of ["signer", "seal"]) {
    const [file] = document.getElementById(`stamp.${name}`).files;
    if (file) images[name] = await toBase64(file);
  }
  return images;
}

/** For a tool that fetches the document and returns it signed by itself. */
async function signFile() {
  show("preparing");
  const paths = await ask("POST", "/transfers", { document: shownDocument });
  show("confirming");
  try {
    await tool.signFile({ document: location.origin + paths.document, upload: location.origin + paths.upload });
  } catch (failure) {
    throw failure.code === "tool_gone" ? new Failure("unknown") : failure; // it may have sent the file before
  }
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
  root.querySelector('[data-do="reload"]').hidden = !sent && failure.code !== "signed_out";
  const pin = failure.details.pin || {};
  for (const flag of ["low", "final_try", "locked"]) {
    if (pin[flag]) texts.find((text) => text.dataset.failure === `pin_${flag}`).hidden = false;
  }
  root.querySelector('[data-do="choose"]').hidden = choices.length < 2;
  show("failed");
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
