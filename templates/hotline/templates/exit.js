
(function () {
  var exit = document.getElementById("exit");
  var presses = 0;
  var first = 0;
  function leave(event) {
    if (event) { event.preventDefault(); }
    document.body.style.display = "none";
    document.title = "-";
    window.location.replace(exit.href);
  }
  exit.addEventListener("click", leave);
  document.addEventListener("keydown", function (event) {
    var now = new Date().getTime();
    if (event.key !== "Shift") { presses = 0; return; }
    if (event.repeat) { return; }
    if (presses === 0 || now - first > 5000) { presses = 0; first = now; }
    presses += 1;
    if (presses === 3) { leave(); }
  });
}());
