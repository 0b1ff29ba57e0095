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

  // A link to something in a folded part opens the part.
  function reveal() {
    var target = document.querySelector(":target");
    var part = target && target.closest("details");
    if (part && !part.open) { part.open = true; target.scrollIntoView(); target.focus(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // Which file was chosen, beside our own button for it.
  document.querySelectorAll("[data-file]").forEach(function (shown) {
    document.getElementById(shown.dataset.file).addEventListener("change", function (event) {
      shown.textContent = Array.from(event.target.files, function (file) { return file.name; }).join(", ");
    });
  });

  // A file may also be dropped beside our own button for it.
  document.querySelectorAll(".drop").forEach(function (place) {
    place.addEventListener("dragover", function (event) { event.preventDefault(); });
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length !== 1) return;
      var input = place.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
})();
