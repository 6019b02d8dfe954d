/* Leaves the site by the link or by three presses of Shift. The link works without this file. */
(function () {
  "use strict";
  var exit = document.getElementById("exit");
  var said = document.getElementById("exit-said");
  var hint = document.getElementById("exit-hint");
  var presses = 0;
  var waiting = null;
  if (!exit) { return; }

  function say(name) {
    if (said) { said.textContent = exit.getAttribute("data-" + name) || ""; }
  }

  function forget(name) {
    window.clearTimeout(waiting);
    if (presses > 0) { say(name); }
    presses = 0;
  }

  function leave(event) {
    var forms = document.forms;
    if (event) { event.preventDefault(); }
    for (var n = 0; n < forms.length; n += 1) { forms[n].reset(); }
    say("leaving");
    document.title = "-";
    document.documentElement.className = "left";
    // Replaces this page in the history of the tab, so that Back does not return to it.
    window.location.replace(exit.href);
  }

  exit.addEventListener("click", leave);
  document.addEventListener("keyup", function (event) {
    if (event.key !== "Shift") { forget("none"); return; }
    presses += 1;
    window.clearTimeout(waiting);
    if (presses >= 3) { leave(); return; }
    say(presses === 1 ? "two" : "one");
    waiting = window.setTimeout(function () { forget("expired"); }, 5000);
  });
  // Shift with another key is typing, not leaving.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") { forget("none"); }
  });
  if (hint) { hint.hidden = false; }
}());
