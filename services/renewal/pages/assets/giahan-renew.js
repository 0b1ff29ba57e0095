// <giahan-renew office="dv-00001" product="qlts" lang="vi" days-left="12"></giahan-renew>
//
// The corner button for products: leads to the office's renewal. Load it from the renewal service,
//   <script src="https://HOST/renewal/giahan-renew.js" defer></script>
// `days-left` is optional (from the banner or the access table) and is counted down on the button; at 0 and
// below it says so. `label` replaces the words. Nothing is fetched and nothing is stored. Chrome 109.
(function () {
  "use strict";
  var script = document.currentScript;
  var base = new URL("/renewal", script ? script.src : location.href);
  var WORDS = {
    vi: { renew: "Gia hạn", left: "còn {n} ngày", today: "ngày cuối", over: "đã hết hạn" },
    en: { renew: "Renew", left: "{n} days left", today: "last day", over: "expired" }
  };
  var STYLE =
    ":host{position:fixed;right:1rem;bottom:1rem;z-index:2147483000}" +
    ":host([hidden]){display:none}" +
    "a{display:flex;align-items:center;gap:.5rem;min-height:2.75rem;padding:.5rem 1rem;border-radius:1.5rem;" +
    "border:2px solid #fff;background:#0a4a8c;color:#fff;font:600 1rem/1.3 'Segoe UI',Roboto,Arial,sans-serif;" +
    "text-decoration:none;box-shadow:0 2px 8px rgba(0,0,0,.3)}" +
    "a:hover{background:#07376a}" +
    "a:focus-visible{outline:3px solid #17212b;outline-offset:2px;box-shadow:0 0 0 5px #ffbf2b}" +
    "a.soon{background:#7a4d00}a.over{background:#a81e1e}" +
    "@media print{:host{display:none}}";

  function counted(words, left) {
    if (left === null || left.trim() === "" || isNaN(Number(left))) return "";
    var days = Number(left);
    return days > 0 ? words.left.replace("{n}", String(days)) : days === 0 ? words.today : words.over;
  }

  class GiaHanRenew extends HTMLElement {
    static get observedAttributes() { return ["office", "product", "lang", "days-left", "label"]; }

    connectedCallback() { this.draw(); }

    attributeChangedCallback() { if (this.isConnected) this.draw(); }

    draw() {
      var root = this.shadowRoot || this.attachShadow({ mode: "open" });
      var office = this.getAttribute("office"), product = this.getAttribute("product");
      var language = this.getAttribute("lang") === "en" ? "en" : "vi";
      var words = WORDS[language], left = this.getAttribute("days-left"), count = counted(words, left);
      var link = document.createElement("a"), style = document.createElement("style");
      var url = new URL(base);
      if (office && product) {
        url.pathname += "/o/" + encodeURIComponent(office) + "/" + encodeURIComponent(product) + "/notice";
      }
      url.searchParams.set("lang", language);
      link.href = url.href;
      link.lang = language;
      link.className = count === "" ? "" : Number(left) < 0 ? "over" : Number(left) <= 30 ? "soon" : "";
      link.textContent = (this.getAttribute("label") || words.renew) + (count ? " · " + count : "");
      style.textContent = STYLE;
      root.replaceChildren(style, link);
    }
  }

  if (!customElements.get("giahan-renew")) customElements.define("giahan-renew", GiaHanRenew);
})();
