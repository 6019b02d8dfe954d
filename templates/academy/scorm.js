"use strict";
/* Finds the learning system's SCORM 1.2 door (windows above or the opener's) and speaks through it.
   Without one, every call does nothing: the lesson works from a disk too. */
var Scorm = (function () {
  var api = null, open = false, begun = Date.now();

  function look(from) {
    var tries = 0;
    try {
      while (from && tries < 20) {
        if (from.API) { return from.API; }
        if (from.parent === from) { return null; }
        from = from.parent;
        tries += 1;
      }
    } catch (error) { /* a frame of another site may not be looked into */ }
    return null;
  }

  function two(number) { return (number < 10 ? "0" : "") + number; }

  function time(ms) {
    var s = Math.min(Math.floor(ms / 1000), 9999 * 3600);
    var hours = Math.floor(s / 3600);
    return ("000" + hours).slice(-4) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60) + ".00";
  }

  function set(key, value) { return open && api.LMSSetValue(key, String(value)) === "true"; }
  function get(key) { return open ? String(api.LMSGetValue(key) || "") : ""; }

  return {
    start: function () {
      api = look(window) || (window.opener ? look(window.opener) : null);
      open = !!api && String(api.LMSInitialize("")) === "true";
      return open;
    },
    get: get,
    set: set,
    commit: function () { return open && String(api.LMSCommit("")) === "true"; },
    finish: function (exit) {
      if (!open) { return; }
      set("cmi.core.session_time", time(Date.now() - begun));
      set("cmi.core.exit", exit);
      api.LMSFinish("");
      open = false;
    },
    time: time
  };
}());
