/* Leaving quickly, printing, and tables that a keyboard can scroll. Nothing is stored, nothing is asked for. */
(function () {
  "use strict";
  var way = document.getElementById("leave");
  var presses = 0;
  var first = 0;

  function leave(event) {
    if (event) { event.preventDefault(); }
    document.documentElement.style.display = "none";
    document.title = "-";
    window.location.replace(way.href);
  }

  way.addEventListener("click", leave);
  document.addEventListener("keydown", function (event) {
    var now = Date.now();
    if (event.key !== "Shift") { presses = 0; return; }
    if (event.repeat) { return; }
    if (presses === 0 || now - first > 5000) { presses = 0; first = now; }
    presses += 1;
    if (presses === 3) { leave(); }
  }, true);

  var button = document.querySelector("button.print");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  }

  /* On paper nothing stays folded away; afterwards the screen is as it was. */
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (box) { box.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (box) { box.open = false; });
    opened = [];
  });

  /* What is wider than the screen scrolls in its own box; a keyboard can reach it. */
  function reachable() {
    document.querySelectorAll(".md-typeset__scrollwrap, figure.chart, figure.tree").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
}());
