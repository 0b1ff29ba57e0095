// Saves the draft of the form. The page is complete without it. Works in Chrome 109.
(function () {
  "use strict";

  // The draft is saved as it is typed, and price and term are shown as they will be.
  var form = document.querySelector("form[data-draft]");
  if (!form || !window.fetch) return;
  var status = document.getElementById("saved");
  var running = false, again = false, timer = 0, waiting = null;

  // A screen reader reads a part again that is replaced: only what is different is.
  function replace(part, html) {
    var fresh = document.createElement(part.tagName);
    fresh.innerHTML = html;
    if (fresh.textContent.trim() !== part.textContent.trim()) part.innerHTML = html;
  }

  function save() {
    if (running) { again = true; return; }
    running = true;
    var stalled = new AbortController(), limit = window.setTimeout(function () { stalled.abort(); }, 8000);
    var body = new URLSearchParams(new FormData(form));
    body.set("do", "keep");
    window.fetch(form.action, { method: "POST", body: body, headers: { "accept": "application/json" }, credentials: "same-origin", signal: stalled.signal })
      .then(function (answer) { return answer.ok || answer.status === 409 ? answer.json() : Promise.reject(answer); })
      .then(function (kept) {
        status.textContent = kept.said;
        if (kept.version !== undefined) form.elements.version.value = kept.version;
        if (kept.quote !== undefined) {
          replace(document.getElementById("quote"), kept.quote);
          replace(document.getElementById("total"), kept.total);
        }
      })
      .catch(function () { status.textContent = form.dataset.unsaved; })
      .then(function () {
        window.clearTimeout(limit);
        running = false;
        var button = waiting;
        waiting = null;
        if (button) form.requestSubmit(button);
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
    if (running) { waiting = event.submitter; status.textContent = form.dataset.saving; event.preventDefault(); }
  });
})();
