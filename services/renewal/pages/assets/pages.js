// Makes the pages quicker where scripts run; every page is complete without it. Works in Chrome 109.
(function () {
  "use strict";

  // After a refusal the reader starts at the list of what to mend; after saving, at what was said.
  var said = document.querySelector("[data-focus]");
  if (said) said.focus();

  // A second click on a button that sends must not send twice.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    window.setTimeout(function () { delete form.dataset.sent; }, 10000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });

  // What one choice makes needless is put away: data-with="name=value" on the part, the input anywhere.
  var parts = document.querySelectorAll("[data-with]");
  function fold() {
    parts.forEach(function (part) {
      var wanted = part.dataset.with.split("=");
      var chosen = document.querySelector('[name="' + wanted[0] + '"]:checked');
      part.hidden = (chosen ? chosen.value : "") !== wanted[1];
    });
  }
  document.addEventListener("change", fold);
  fold();

  // Which file was chosen, beside our own button for it.
  document.querySelectorAll("[data-file]").forEach(function (shown) {
    document.getElementById(shown.dataset.file).addEventListener("change", function (event) {
      shown.textContent = Array.from(event.target.files, function (file) { return file.name; }).join(", ");
    });
  });

  // The draft is saved as it is typed, and price and term are shown as they will be.
  var form = document.querySelector("form[data-draft]");
  if (!form || !window.fetch) return;
  var status = document.getElementById("saved");
  var running = false, again = false, timer = 0, waiting = null;

  function save() {
    if (running) { again = true; return; }
    running = true;
    var body = new URLSearchParams(new FormData(form));
    body.set("do", "keep");
    window.fetch(form.action, { method: "POST", body: body, headers: { "accept": "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.ok || answer.status === 409 ? answer.json() : Promise.reject(answer); })
      .then(function (kept) {
        status.textContent = kept.said;
        if (kept.version !== undefined) form.elements.version.value = kept.version;
        if (kept.quote !== undefined) document.getElementById("quote").innerHTML = kept.quote;
      })
      .catch(function () { status.textContent = form.dataset.unsaved; })
      .then(function () {
        running = false;
        if (waiting) form.requestSubmit(waiting);
        else if (again) { again = false; save(); }
      });
  }
  form.addEventListener("change", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 400);
  });
  form.addEventListener("submit", function (event) {
    window.clearTimeout(timer);
    // A save that is under way makes the version that this page knows an old one: wait for the new one.
    if (running) { waiting = event.submitter; event.preventDefault(); }
  });
})();
