// Answers live in the page and in this browser's own store. Nothing is sent, and no text becomes markup.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("form-data").textContent);
  const words = data.messages;
  const form = $("form");
  const ids = Object.keys(data.questions);
  const STATES = ["dont_know", "not_applicable", "declined"];
  const SURE = ["sure", "fairly", "unsure"];
  const EMPTY = { choice: "", number: "", chosen: [], sure: "", note: "", evidence: "" };
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  const named = new Map();
  for (const field of form.querySelectorAll("[name]")) named.set(field.name, [...(named.get(field.name) || []), field]);
  const fields = (id, group) => named.get(`${id}.${group}`) || [];
  const clearing = new Map([...form.querySelectorAll("[data-clear]")].map((button) => [button.dataset.clear, button]));
  const sections = [...form.querySelectorAll("[data-domain]")].map((section) => ({
    inside: [...section.querySelectorAll(".question")].map((box) => box.id),
    place: form.querySelector(`[data-count="${section.dataset.domain}"]`),
  }));
  const own = (object, key) => (Object.prototype.hasOwnProperty.call(object, key) ? object[key] : undefined);
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const textOf = (value) => (typeof value === "string" ? [...value].slice(0, data.longest).join("") : "");

  // As clean_text of the store: one form of each character, no controls, joiners kept.
  const clean = (text) => textOf(textOf(text.replace(/\r\n?/g, "\n").replace(/\t/g, " ")).normalize("NFKC")
    .replace(/[^\n\u200c\u200d\P{C}]/gu, "").normalize("NFKC").trim()).trim();

  // What stands in the form, as typed; kept and brought back as it is, right or wrong.
  const fresh = () => ({
    organisation: data.organisation, date: data.date, consent: {}, submission: data.fixed.submission, handed: false,
    answers: Object.fromEntries(ids.map((id) => [id, { ...EMPTY }])),
  });
  let draft = fresh();
  let keeping = true;

  const possible = (id) => fields(id, "answer").map((radio) => radio.value);
  const level = (value) => (Number.isInteger(value) && value >= 0 && value <= 4 ? String(value) : "");
  function entryOf(id, answer) {
    const { kind, choices } = data.questions[id];
    const answered = answer.state === "answered";
    const numeric = answered && typeof answer.value === "number" && Number.isFinite(answer.value);
    const entry = {
      ...EMPTY, note: textOf(answer.note), evidence: textOf(answer.evidence),
      sure: SURE.includes(answer.sure) ? answer.sure : "",
    };
    if (STATES.includes(answer.state)) entry.choice = answer.state;
    else if (numeric && kind === "item") entry.choice = level(answer.value);
    else if (numeric && kind === "number") entry.number = String(answer.value);
    else if (answered && kind === "choices" && Array.isArray(answer.chosen)) {
      entry.chosen = choices.filter((code) => answer.chosen.includes(code));
    }
    // A certainty alone says nothing; the store writes one beside every empty question.
    if (!isAnswered(entry) && answer.sure === "fairly") entry.sure = "";
    return entry;
  }
  const isAnswered = (entry) => Boolean(entry.choice || entry.number.trim() || entry.chosen.length);

  // Between page and draft.
  function show(id) {
    const entry = draft.answers[id];
    for (const radio of fields(id, "answer")) radio.checked = radio.value === entry.choice;
    for (const radio of fields(id, "sure")) radio.checked = radio.value === entry.sure;
    for (const box of fields(id, "chosen")) box.checked = entry.chosen.includes(box.value);
    for (const group of ["number", "note", "evidence"]) for (const field of fields(id, group)) field.value = entry[group];
    if (entry.note || entry.evidence) $(id).querySelector("details").open = true;
    warn(id);
  }
  function look(id) {
    const checked = (group) => fields(id, group).filter((field) => field.checked).map((field) => field.value);
    const value = (group) => fields(id, group).map((field) => field.value).join("");
    draft.answers[id] = {
      choice: checked("answer").join(""), number: value("number"), chosen: checked("chosen"),
      sure: checked("sure").join(""), note: value("note"), evidence: value("evidence"),
    };
  }
  function showAll() {
    $("organisation").value = draft.organisation;
    $("date").value = draft.date;
    for (const use of data.uses) for (const radio of fields("consent", use)) radio.checked = radio.value === draft.consent[use];
    ids.forEach(show);
    warn("organisation");
    count();
  }
  function lookAtCover() {
    draft.organisation = $("organisation").value;
    draft.date = $("date").value;
    for (const use of data.uses) {
      const chosen = fields("consent", use).find((radio) => radio.checked);
      if (chosen) draft.consent[use] = chosen.value;
    }
  }

  // Keeping.
  function restored(kept) {
    const draftKept = fresh();
    const consent = isObject(kept.consent) ? kept.consent : {};
    const answers = isObject(kept.answers) ? kept.answers : {};
    draftKept.organisation = textOf(kept.organisation);
    draftKept.date = textOf(kept.date);
    draftKept.handed = kept.handed === true;
    if (Number.isInteger(kept.submission)) draftKept.submission = Math.min(Math.max(kept.submission, 1), 999);
    for (const use of data.uses) if (["yes", "no"].includes(own(consent, use))) draftKept.consent[use] = consent[use];
    for (const id of ids) {
      const entry = own(answers, id);
      if (!isObject(entry)) continue;
      const put = draftKept.answers[id];
      for (const key of ["number", "note", "evidence"]) put[key] = textOf(entry[key]);
      if (SURE.includes(entry.sure)) put.sure = entry.sure;
      if (possible(id).includes(entry.choice)) put.choice = entry.choice;
      if (Array.isArray(entry.chosen)) put.chosen = (data.questions[id].choices || []).filter((code) => entry.chosen.includes(code));
    }
    return draftKept;
  }
  function begin() {
    for (const id of ids) if (own(data.given, id)) draft.answers[id] = entryOf(id, data.given[id]);
    try {
      const kept = localStorage.getItem(data.key);
      if (kept !== null) {
        draft = restored(JSON.parse(kept));
        $("state").textContent = words.restored;
      }
      localStorage.setItem(`${data.key}:try`, "1");
      localStorage.removeItem(`${data.key}:try`);
    } catch (error) {
      // A broken entry is replaced at the next change; a refusal is said aloud.
      if (!(error instanceof SyntaxError)) notKept();
    }
    $("bar").hidden = false;
    $("unable").hidden = true;
    showAll();
  }
  function alarm(text) {
    $("alarm").textContent = text;
    $("alarm").hidden = false;
  }
  function notKept() {
    keeping = false;
    $("state").textContent = "";
    alarm(words.not_kept);
  }
  function keep() {
    if (draft.handed) {
      // The file already handed over keeps its number; what comes after it is the later one.
      draft.handed = false;
      draft.submission = Math.min(draft.submission + 1, 999);
    }
    store();
    count();
  }
  function store() {
    try {
      localStorage.setItem(data.key, JSON.stringify(draft));
      keeping = true;
      $("state").textContent = words.saved;
    } catch {
      notKept();
    }
  }

  // Progress.
  function count() {
    for (const id of ids) clearing.get(id).hidden = !isAnswered(draft.answers[id]) && !draft.answers[id].sure;
    const open = ids.filter((id) => !isAnswered(draft.answers[id]));
    const minutes = Math.ceil(open.reduce((sum, id) => sum + data.questions[id].minutes, 0));
    $("progress").textContent = say(words.progress, { answered: ids.length - open.length, total: ids.length, minutes });
    $("submission").textContent = String(draft.submission);
    for (const { inside, place } of sections) {
      const answered = inside.filter((id) => isAnswered(draft.answers[id])).length;
      place.textContent = say(words.section, { answered, total: inside.length });
    }
  }
  function focusOn(field) {
    const details = field.closest("details");
    if (details) details.open = true;
    field.focus({ preventScroll: true });
    (field.closest(".question") || field).scrollIntoView({ block: "start" });
  }
  function nextOpen() {
    const active = document.activeElement;
    const here = ids.findIndex((id) => $(id).contains(active) || id === last);
    const order = [...ids.slice(here + 1), ...ids.slice(0, here + 1)];
    const open = order.find((id) => !isAnswered(draft.answers[id]));
    if (open) {
      last = open;
      focusOn($(open).querySelector("input"));
    } else {
      $("state").textContent = words.none_open;
    }
  }
  let last = "";

  // What looks like a person's details; a hint, never a barrier.
  const MAIL = /[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}/u;
  const DATES = /(^|\D)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}|(?:19|20)\d\d\s*[-–/]\s*(?:19|20)\d\d)(?!\d)/g;
  const PHONE = /\p{Nd}(?:[\s()./-]*\p{Nd}){6,}/u;
  function personal(text) {
    const plain = clean(text).replace(DATES, "$1;");
    return MAIL.test(plain) || PHONE.test(plain);
  }
  const textsOf = (id) => (id === "organisation" ? [draft.organisation] : [draft.answers[id].note, draft.answers[id].evidence]);
  function warn(id) {
    const text = textsOf(id).some(personal) ? words.personal : "";
    const place = $(`personal-${id}`);
    if (place.textContent !== text) place.textContent = text;
  }

  // Checking and handing over.
  function numberOf(text) {
    let plain = clean(text).replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15)).replace("٫", ".");
    if (/^-?\d{1,3}(\s\d{3})+(\.\d+)?$/.test(plain)) plain = plain.replace(/\s/g, "");
    return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  }
  function problemOf(id) {
    const { minimum, maximum, minimum_said, maximum_said } = data.questions[id];
    const entry = draft.answers[id];
    if (entry.choice === "not_applicable" && !clean(entry.note)) return [say(words.need_reason, { id }), $(`${id}.note`)];
    if (!entry.number.trim()) return null;
    const value = numberOf(entry.number);
    const field = $(`${id}.number`);
    if (value === null) return [say(words.bad_number, { id }), field];
    if (value >= minimum && value <= maximum) return null;
    return [say(words.bad_range, { id, minimum: minimum_said, maximum: maximum_said }), field];
  }
  function problems() {
    const found = [];
    if (draft.consent.assess !== "yes") found.push(["consent", words.need_assess, fields("consent", "assess")[0]]);
    if (!clean(draft.organisation)) found.push(["organisation", words.need_organisation, $("organisation")]);
    if (!/^2\d{3}-\d{2}-\d{2}$/.test(draft.date)) found.push(["date", words.need_date, $("date")]);
    for (const id of ids) {
      const problem = problemOf(id);
      if (problem) found.push([id, ...problem]);
    }
    return found;
  }
  function element(name, text, inside) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (inside) inside.append(made);
    return made;
  }
  function link(text, id, field, list) {
    const made = element("a", text, element("li", "", list));
    made.href = `#${id}`;
    made.addEventListener("click", (event) => {
      event.preventDefault();
      focusOn(field);
    });
  }
  function mark(id, field, text) {
    const place = $(`error-${id}`);
    place.textContent = text;
    place.hidden = !text;
    if (text) field.setAttribute("aria-invalid", "true");
  }
  function forget() {
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const id of ["consent", "organisation", "date", ...ids]) mark(id, null, "");
    $("errors-list").replaceChildren();
    $("errors").hidden = true;
  }
  function answerOf(id) {
    const entry = draft.answers[id];
    const { kind } = data.questions[id];
    const given = STATES.includes(entry.choice) ? entry.choice : isAnswered(entry) ? "answered" : "blank";
    let value = null;
    if (given === "answered" && kind === "item") value = Number(entry.choice);
    if (given === "answered" && kind === "number") value = numberOf(entry.number);
    return {
      carried_from: "", chosen: given === "answered" ? [...entry.chosen].sort() : [], evidence: clean(entry.evidence),
      note: clean(entry.note), state: given, sure: entry.sure || "fairly", value,
    };
  }
  const sorted = (object) => Object.fromEntries(Object.keys(object).sort().map((key) => [key, object[key]]));
  function submission() {
    const consent = data.uses.filter((use) => draft.consent[use] === "yes").sort();
    const answers = sorted(Object.fromEntries(ids.map((id) => [id, answerOf(id)])));
    const whole = sorted({
      ...data.fixed, submission: draft.submission, organisation: clean(draft.organisation), given_on: draft.date, consent, answers,
    });
    // Levels and numbers are written as the store writes them: 3.0, not 3.
    return `${JSON.stringify(whole, null, 1).replace(/^(\s+"value": -?\d+)$/gm, "$1.0")}\n`;
  }
  function download() {
    forget();
    $("finish-said").replaceChildren();
    const found = problems();
    if (found.length) {
      $("errors-head").textContent = say(words.errors_head, { count: found.length });
      for (const [id, text, field] of found) {
        mark(id, field, text);
        link(text, id, field, $("errors-list"));
      }
      $("errors").hidden = false;
      $("errors").focus();
      return;
    }
    const file = `${data.fixed.respondent}-${draft.submission}.json`;
    const made = element("a", "", document.body);
    made.href = URL.createObjectURL(new Blob([submission()], { type: "application/json" }));
    made.download = file;
    made.click();
    made.remove();
    setTimeout(() => URL.revokeObjectURL(made.href), 60000);
    draft.handed = true;
    store();
    const answered = ids.filter((id) => isAnswered(draft.answers[id])).length;
    element("p", say(words.downloaded, { file, answered, total: ids.length }), $("finish-said"));
    const doubtful = ["organisation", ...ids].filter((id) => textsOf(id).some(personal));
    if (doubtful.length) {
      element("p", words.look_again, $("finish-said"));
      const list = element("ul", "", $("finish-said"));
      for (const id of doubtful) link(id === "organisation" ? draft.organisation : id, id, $(`${id}.note`) || $(id), list);
    }
  }

  // Continuing from a file; a file is as untrusted as any other text.
  function taken(read, file) {
    if (!isObject(read) || read.schema !== "response/1" || !isObject(read.answers)) return [say(words.not_ours, { file })];
    if (read.respondent !== data.fixed.respondent) return [say(words.other_person, { file, code: textOf(String(read.respondent)) })];
    if (ids.some((id) => isAnswered(draft.answers[id])) && !confirm(words.replace_confirm)) return [];
    const next = fresh();
    const known = Object.keys(read.answers).filter((id) => own(data.questions, id) && isObject(read.answers[id]));
    for (const id of known) next.answers[id] = entryOf(id, read.answers[id]);
    next.organisation = textOf(read.organisation);
    next.date = textOf(read.given_on);
    const agreed = Array.isArray(read.consent) ? read.consent : [];
    for (const use of data.uses) next.consent[use] = agreed.includes(use) ? "yes" : "no";
    const number = Number.isInteger(read.submission) ? read.submission : 1;
    next.submission = Math.min(Math.max(number, data.fixed.submission), 999);
    next.handed = number >= data.fixed.submission;
    draft = next;
    forget();
    showAll();
    store();
    const said = [say(words.loaded, { count: known.filter((id) => isAnswered(next.answers[id])).length, file })];
    const lost = Object.keys(read.answers).filter((id) => {
      const answer = read.answers[id];
      const empty = isObject(answer) && ["blank", "not_asked"].includes(answer.state);
      return !empty && (!known.includes(id) || !isAnswered(next.answers[id]));
    });
    if (lost.length) said.push(say(words.left_out, { count: lost.length }));
    if (read.fingerprint !== data.fixed.fingerprint) said.push(words.other_version);
    return said;
  }
  async function resume() {
    const [file] = $("file").files;
    if (!file) return;
    let read = null;
    try {
      if (file.size <= 5000000) read = JSON.parse(await file.text());
    } catch {
      read = null;
    }
    $("file-said").replaceChildren();
    for (const text of taken(read, file.name)) element("p", text, $("file-said"));
    $("file").value = "";
  }

  function clear(id) {
    draft.answers[id] = { ...draft.answers[id], choice: "", number: "", chosen: [], sure: "" };
    show(id);
    keep();
    $(id).querySelector("input").focus();
  }
  function erase() {
    if (!confirm(words.delete_confirm)) return;
    draft = fresh();
    draft.organisation = "";
    try {
      localStorage.removeItem(data.key);
      $("state").textContent = "";
    } catch {
      notKept();
    }
    forget();
    $("finish-said").replaceChildren();
    $("file-said").replaceChildren();
    for (const details of form.querySelectorAll("details")) details.open = false;
    showAll();
    $("delete-said").textContent = words.deleted;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "file") return;
    const box = field.closest(".question");
    if (box) {
      const id = last = box.id;
      // A number or choices, or a reason for giving none: never both.
      const instead = field.name === `${id}.answer` && data.questions[id].kind !== "item";
      if (instead) for (const other of fields(id, "number")) other.value = "";
      if (instead) for (const other of fields(id, "chosen")) other.checked = false;
      const said = field.name === `${id}.number` || field.name === `${id}.chosen`;
      if (said) for (const other of fields(id, "answer")) other.checked = false;
      if (field.value === "not_applicable") box.querySelector("details").open = true;
      look(id);
      warn(id);
    } else {
      lookAtCover();
      warn("organisation");
    }
    keep();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-clear]");
    if (button) clear(button.dataset.clear);
  });
  $("next").addEventListener("click", nextOpen);
  $("download").addEventListener("click", download);
  $("delete").addEventListener("click", erase);
  $("print").addEventListener("click", () => print());
  $("file").addEventListener("change", resume);
  addEventListener("storage", (event) => {
    if (event.key === data.key && event.newValue !== null) alarm(words.elsewhere);
  });
  addEventListener("beforeunload", (event) => {
    if (!keeping && !draft.handed && ids.some((id) => isAnswered(draft.answers[id]))) event.preventDefault();
  });
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const details of form.querySelectorAll("details:not([open])")) {
      details.open = true;
      opened.push(details);
    }
  });
  addEventListener("afterprint", () => {
    for (const details of opened.splice(0)) details.open = false;
  });
  begin();
})();
