"use strict";
document.addEventListener("DOMContentLoaded", function () {
  var body = document.body, form = document.getElementById("quiz"), result = document.getElementById("result");
  var pass = Number(body.dataset.pass), marked = body.dataset.marked === "yes";
  var questions = Array.prototype.slice.call(form.querySelectorAll("fieldset"));
  var done = false, recorded = Scorm.start();

  function chosen(question) {
    var input = question.querySelector("input:checked");
    return input ? input.value : "";
  }

  function closed(status) { return status === "passed" || status === "failed" || status === "completed"; }

  function begin() {
    var status = Scorm.get("cmi.core.lesson_status");
    if (!closed(status)) { Scorm.set("cmi.core.lesson_status", "incomplete"); }
    var kept = Scorm.get("cmi.suspend_data").split(",");
    questions.forEach(function (question, n) {
      var input = kept[n] && question.querySelector("input[value='" + kept[n].slice(0, 1).replace(/[^a-d]/, "") + "']");
      if (input) { input.checked = true; }
    });
    Scorm.commit();
  }

  function keep() {
    Scorm.set("cmi.suspend_data", questions.map(chosen).join(","));
  }

  function record(question, n, right) {
    var at = "cmi.interactions." + n + ".";
    Scorm.set(at + "id", question.dataset.id);
    Scorm.set(at + "type", "choice");
    Scorm.set(at + "correct_responses.0.pattern", question.dataset.right);
    Scorm.set(at + "student_response", chosen(question));
    Scorm.set(at + "result", right ? "correct" : "wrong");
  }

  function check(event) {
    event.preventDefault();
    var empty = questions.filter(function (question) { return !chosen(question); });
    var missing = document.getElementById("missing");
    if (empty.length) {
      missing.textContent = empty.length + " not answered yet. The first of them has the focus.";
      empty[0].querySelector("input").focus();
      return;
    }
    missing.textContent = "";
    finish();
  }

  function finish() {
    var rights = 0;
    questions.forEach(function (question, n) {
      var right = chosen(question) === question.dataset.right, reason = question.querySelector(".reason");
      rights += right ? 1 : 0;
      question.className = right ? "right" : "wrong";
      reason.hidden = false;
      reason.querySelector(".verdict").textContent = right ? "Right." : "Not right: " + question.dataset.right + ").";
      record(question, n, right);
    });
    var share = Math.floor(rights * 100 / questions.length);
    Scorm.set("cmi.core.score.min", 0);
    Scorm.set("cmi.core.score.max", 100);
    Scorm.set("cmi.core.score.raw", share);
    var enough = rights * 100 >= pass * questions.length;
    Scorm.set("cmi.core.lesson_status", marked ? (enough ? "passed" : "failed") : "completed");
    keep();
    var stored = Scorm.commit();
    done = true;
    show(rights, share, enough, stored);
  }

  function show(rights, share, enough, stored) {
    var words = rights + " of " + questions.length + " right, " + share + " %.";
    if (marked) { words += enough ? " Passed." : " Not passed yet. Read the pages named above and try again."; }
    document.getElementById("score").textContent = words;
    document.getElementById("kept").textContent = !recorded ? "Not recorded: no learning system was found."
      : stored ? "The learning system has recorded this." : "The learning system did not record this. Tell the training lead.";
    form.querySelector("button").hidden = true;
    result.hidden = false;
    result.focus();
  }

  function again() {
    form.reset();
    questions.forEach(function (question) {
      question.className = "";
      question.querySelector(".reason").hidden = true;
    });
    form.querySelector("button").hidden = false;
    result.hidden = true;
    done = false;
    questions[0].querySelector("input").focus();
  }

  function leave() {
    if (!done) { keep(); }
    Scorm.finish(done ? "" : "suspend");
  }

  form.addEventListener("submit", check);
  form.addEventListener("change", function () { if (!done) { keep(); } });
  document.getElementById("again").addEventListener("click", again);
  window.addEventListener("pagehide", leave);
  window.addEventListener("beforeunload", leave);
  begin();
});
