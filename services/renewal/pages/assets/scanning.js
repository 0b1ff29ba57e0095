// Lets a hand scanner go on while the form before is on its way: codes wait in line here and are sent one by
// one, the field stays empty and ready. Without it each code is a page. Works in Chrome 109.
(function () {
  "use strict";
  if (!window.fetch) return;
  var form = document.querySelector("form[data-scan]"), unsent = document.getElementById("unsent");
  var waiting = [], busy = false;

  function show(html) {
    var made = new DOMParser().parseFromString(html, "text/html");
    document.querySelectorAll("[data-live]").forEach(function (part) {
      var other = made.getElementById(part.id);
      if (!other) return;
      part.replaceChildren.apply(part, Array.from(other.childNodes));
      part.dataset.refresh = other.dataset.refresh || "";
    });
  }

  function read(answer) {
    if (answer.ok || answer.status === 422) return answer.text().then(show);
    return Promise.reject(answer);
  }

  function next() {
    if (busy || !waiting.length) return;
    busy = true;
    window.fetch(form.action, { method: "POST", body: waiting[0], credentials: "same-origin" })
      .then(read)
      .then(function () { waiting.shift(); unsent.textContent = ""; busy = false; next(); })
      .catch(function () {
        unsent.textContent = form.dataset.unsent.replace("#", String(waiting.length));
        window.setTimeout(function () { busy = false; next(); }, 3000);
      });
  }

  if (form) form.addEventListener("submit", function (event) {
    event.preventDefault();
    var code = form.elements.code;
    if (code.value.trim()) waiting.push(new URLSearchParams(new FormData(form)));
    code.value = "";
    code.focus();
    next();
  });
  window.addEventListener("beforeunload", function (event) { if (waiting.length) event.preventDefault(); });

  // While a file is read, or a closed batch is being received, the counts are looked at again.
  window.setInterval(function () {
    var state = document.getElementById("state");
    if (!state.dataset.refresh || busy || state.contains(document.activeElement)) return;
    window.fetch(state.dataset.refresh, { credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(answer);
    }).then(function (html) {
      var other = new DOMParser().parseFromString(html, "text/html").getElementById("state");
      if (busy || !other) return;
      state.replaceChildren.apply(state, Array.from(other.childNodes));
      state.dataset.refresh = other.dataset.refresh || "";
    }).catch(function () {});
  }, 2000);
})();
