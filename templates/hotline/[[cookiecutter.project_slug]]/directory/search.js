/* Search in the directory page. Nothing typed here leaves the page and nothing is kept.
   Without this script the page stays a plain list by region. */
(function () {
  "use strict";
  var MOST = 50;
  var tools = document.getElementById("find");
  var all = document.getElementById("all");
  if (!tools || !all) return;
  var words = document.getElementById("words");
  var region = document.getElementById("region");
  var kind = document.getElementById("class");
  var results = document.getElementById("results");
  var count = document.getElementById("count");
  var entries = null;

  var LETTERS = {
    "\u00df": "ss", "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u0131": "i",
    "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06c1": "\u0647",
    "\u06a9": "\u0643"
  };

  /* One spelling for what people type in many ways: accents, capitals, Arabic letter forms, digits of every script. */
  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\p{M}/gu, "").toLowerCase()
      .replace(/[\u00df\u00e6\u0153\u00f8\u0142\u0111\u0131\u0671\u0649\u06cc\u0629\u06c1\u06a9]/g, function (letter) {
        return LETTERS[letter];
      })
      .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, function (digit) {
        return String(digit.charCodeAt(0) & 15);
      })
      .replace(/[^\p{L}\p{N}]+/gu, " ");
  }

  function read() {
    if (entries) return entries;
    entries = Array.prototype.map.call(all.querySelectorAll("li[data-r]"), function (item) {
      var name = item.querySelector("h3").textContent;
      return {
        item: item, text: " " + fold(item.textContent), name: " " + fold(name),
        regions: " " + item.dataset.r + " ", kinds: " " + item.dataset.c + " "
      };
    });
    return entries;
  }

  function matches(entry, asked) {
    for (var i = 0; i < asked.length; i++) if (entry.text.indexOf(asked[i]) < 0) return false;
    return (!region.value || entry.regions.indexOf(" " + region.value + " ") >= 0) &&
      (!kind.value || entry.kinds.indexOf(" " + kind.value + " ") >= 0);
  }

  /* Services whose name holds every word come before those that only mention them. */
  function sorted(found, asked) {
    var named = [], rest = [];
    found.forEach(function (entry) {
      var all = asked.length && asked.every(function (word) { return entry.name.indexOf(word) >= 0; });
      (all ? named : rest).push(entry);
    });
    return named.concat(rest);
  }

  function said(found) {
    if (!found) return tools.dataset.nothing;
    var text = found > MOST ? tools.dataset.shown : tools.dataset.found;
    return text.replace("{shown}", MOST).replace("{found}", found);
  }

  function show() {
    var asked = fold(words.value).split(" ").filter(Boolean);
    var idle = !asked.length && !region.value && !kind.value;
    all.hidden = !idle;
    if (idle) {
      results.replaceChildren();
      count.textContent = "";
      return;
    }
    var found = sorted(read().filter(function (entry) { return matches(entry, asked); }), asked);
    var copies = found.slice(0, MOST).map(function (entry) {
      var copy = entry.item.cloneNode(true);
      copy.removeAttribute("id");
      return copy;
    });
    results.replaceChildren.apply(results, copies);
    count.textContent = said(found.length);
  }

  tools.hidden = false;
  words.addEventListener("input", show);
  region.addEventListener("change", show);
  kind.addEventListener("change", show);
  words.addEventListener("focus", read, { once: true });
  window.addEventListener("load", function () { setTimeout(read, 0); });
})();
