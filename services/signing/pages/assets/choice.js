// Draws a certificate from which the person can choose.

import { pick } from "./service.js";

const words = JSON.parse(document.getElementById("words").textContent);

/** Whether our service found the office's code in the certificate. */
export function isOwn(verdict) {
  return ["tax_code", "budget_code"].includes(verdict.match);
}

/** A radio button with this id and value, and what the person should know of the certificate. */
export function drawChoice(choice, id, value, chosen) {
  const drawn = document.getElementById("choice").content.cloneNode(true);
  const [input, label] = [drawn.querySelector("input"), drawn.querySelector("label")];
  const [more, warned, wrong] = drawn.querySelectorAll("p");
  Object.assign(input, { id, value, checked: chosen, disabled: !!choice.refusal });
  label.htmlFor = input.id;
  more.id = `${input.id}-more`;
  input.setAttribute("aria-describedby", more.id);
  label.textContent = choice.holder;
  const until = new Date(choice.valid_to).toLocaleDateString("en-GB"); // 31/12/2026 in both languages
  more.textContent = [
    choice.own ? words.is_yours : choice.codes.join(", "),
    fill(words.issued, { issuer: choice.issuer, day: until }),
    choice.token ? fill(words.on_token, { token: choice.token.label }) : "",
  ].filter(Boolean).join(". ");
  warned.textContent = choice.warnings.map((said) => pick(said.message)).join(". ");
  warned.hidden = !choice.warnings.length;
  wrong.textContent = choice.refusal ? pick(choice.refusal.message) : "";
  wrong.hidden = !choice.refusal;
  return drawn;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
