// Saves the draft of the form. The page is complete without it. Works in Chrome 109.
(function () {
  "use strict";

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
        if (kept.quote !== undefined) {
          document.getElementById("quote").innerHTML = kept.quote;
          document.getElementById("total").innerHTML = kept.total;
        }
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
