// Draws one student's page. Every text goes in as text, never as markup.

const MOODS = { passed: "good", failed: "bad", crashed: "bad", "timed out": "bad" };
const STATES = { graded: "good", "nothing handed in": "quiet" };

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function draw(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function isolated(text) {
  return make("bdi", {}, text);
}

function tag(text, mood) {
  return make("span", { class: "tag " + mood }, text);
}

function counted(number, noun) {
  return number + " " + noun + (number === 1 ? "" : "s");
}

function percent(share) {
  return (100 * share).toFixed(1) + " %";
}

function studentPage(student, catalogue) {
  return [
    make("h1", { tabindex: "-1" }, isolated(student.name)),
    make("p", { class: "quiet" }, ...identity(student)),
    make("p", { class: "big" }, `${student.total} of ${student.outOf} points`),
    make("p", {}, tag(student.status, STATES[student.status] || "odd"), lateness(student)),
    ...(student.remarks || []).map((remark) => make("p", { class: "odd" }, remark)),
    student.page ? make("p", { class: "steps" }, pageLink(student.page)) : null,
    student.questions.length ? overview(student) : null,
    ...student.questions.map((question) => questionPart(question, catalogue)),
    student.attempts.length ? attempts(student) : null,
    policy(student),
  ].filter((part) => part !== null);
}

function identity(student) {
  const parts = [student.key, student.email, student.section && "section " + student.section];
  const shown = [...new Set(parts.filter((part) => part && part !== student.name))];
  return shown.flatMap((part, place) => (place ? [", ", isolated(part)] : [isolated(part)]));
}

function pageLink(page) {
  return make("a", { href: page }, "The page that the student gets");
}

function lateness(student) {
  if (!student.lateDays) return "";
  const grace = student.graceDays
    ? `, of which grace days pay for ${student.graceDays}`
    : "";
  const cost = student.penalty ? `; that costs ${counted(student.penalty, "point")}` : "";
  return ` ${counted(student.lateDays, "late day")}${grace}${cost}.`;
}

function overview(student) {
  const rows = student.questions.map((question) =>
    make("tr", {},
      make("th", { scope: "row" },
        make("a", { href: "#question-" + question.id, "data-jump": "question-" + question.id },
          question.id), " " + question.title),
      make("td", { class: "number" }, points(question)),
      make("td", { class: "number" }, passed(question))));
  const names = ["Question", "Points", "Checks passed"];
  return make("div", { class: "wide" }, make("table", {},
    make("thead", {}, make("tr", {}, ...names.map((name, place) =>
      make("th", { scope: "col", class: place ? "number" : "" }, name)))),
    make("tbody", {}, ...rows)));
}

function points(question) {
  return `${question.earned === null ? "–" : question.earned} of ${question.points}`;
}

function passed(question) {
  const well = question.checks.filter((check) => check.status === "passed");
  return `${well.length} of ${question.checks.length}`;
}

function questionPart(question, catalogue) {
  const head = `${question.id} ${question.title}: ${points(question)}`;
  const seconds = question.checks.reduce((sum, check) => sum + (check.seconds || 0), 0);
  const facts = [seconds ? `took ${seconds.toFixed(1)} s` : "",
    question.isolation ? `isolation: ${question.isolation}` : "",
    question.seed === null ? "" : `seed ${question.seed}`].filter((fact) => fact);
  return make("section", { "aria-labelledby": "question-" + question.id },
    make("h2", { id: "question-" + question.id, tabindex: "-1" }, head),
    question.trouble ? make("p", { class: "odd" }, "Not graded: " + question.trouble) : null,
    make("p", { class: "quiet" }, facts.join(", ")),
    ...question.warnings.map((warning) => make("p", { class: "odd" }, warning)),
    question.concealed
      ? make("p", { class: "quiet" },
        `${counted(question.concealed, "more check")} counted here and are not shown.`)
      : null,
    make("ul", { class: "checks" },
      ...question.checks.map((check) => checkItem(check, catalogue[check.id]))));
}

function checkItem(check, known) {
  const mood = MOODS[check.status] || "odd";
  const worth = known.points ? `${check.earned || 0} of ${counted(known.points, "point")}` : "";
  return make("li", { class: mood },
    make("p", {}, make("b", {}, check.id), " ", tag(check.status, mood), " ",
      known.hidden ? tag("hidden", "odd") : "",
      make("span", { class: "quiet" }, " " + worth)),
    make("p", {}, known.claim),
    details(check),
    check.note ? make("p", { class: "quiet" }, check.note) : null,
    check.curve ? curve(check) : null,
    check.output
      ? make("details", {}, make("summary", {}, "What it printed"),
        make("pre", { tabindex: "0" }, check.output))
      : null);
}

function details(check) {
  const fields = [["tried", "Tried"], ["expected", "Expected"], ["got", "Got"],
    ["think", "Think"], ["mistake", "Mistake"], ["where", "Where"], ["smallest", "Smallest case"]];
  const shown = fields.filter(([name]) => check[name]);
  if (!shown.length) return null;
  return make("dl", {}, ...shown.flatMap(([name, label]) =>
    [make("dt", {}, label), make("dd", name === "where" ? { class: "code" } : {}, check[name])]));
}

function curve(check) {
  const [width, height, left, top] = [320, 120, 44, 8];
  const last = check.curve[check.curve.length - 1];
  const most = Math.max(last[0], 1e-9);
  const best = Math.max(...check.curve.map((point) => point[1]));
  const x = (epochs) => (left + (width - left - 16) * epochs / most).toFixed(1);
  const y = (accuracy) => (top + height * (1 - accuracy)).toFixed(1);
  const words = `Validation accuracy of ${check.id}: from ${percent(check.curve[0][1])} at epoch ` +
    `${check.curve[0][0]} to ${percent(last[1])} at epoch ${last[0]}, at best ${percent(best)}`;
  const label = (at, text) =>
    draw("text", { class: "faint", x: left - 6, y: Number(y(at)) + 4, "text-anchor": "end" }, text);
  const places = check.curve.map(([epochs, accuracy]) => `${x(epochs)},${y(accuracy)}`);
  return make("figure", { class: "curve-of" },
    make("figcaption", {}, words + "."),
    draw("svg", { viewBox: `0 0 ${width} ${height + 32}`, "aria-hidden": "true" },
      draw("path", { class: "axis", d: `M${left} ${y(1)}V${y(0)}H${width - 16}` }),
      draw("path", { class: "axis", d: `M${left} ${y(0.5)}H${width - 16}` }),
      label(1, "100 %"), label(0.5, "50 %"), label(0, "0 %"),
      draw("text", { class: "faint", x: width - 16, y: height + top + 16, "text-anchor": "end" },
        `epoch ${last[0]}`),
      check.curve.length > 1
        ? draw("polyline", { class: "curve", points: places.join(" ") })
        : draw("circle", { class: "bar", cx: x(last[0]), cy: y(last[1]), r: 3 })));
}

function attempts(student) {
  const names = ["Attempt", "Handed in", "Late days", "Points", ""];
  const rows = student.attempts.map((one) => make("tr", {},
    make("th", { scope: "row" }, String(one.attempt), one.key ? ": " : "",
      one.file ? make("a", { href: one.file }, isolated(one.key)) : ""),
    make("td", {}, one.at || "unknown"),
    make("td", { class: "number" }, String(one.late)),
    make("td", { class: "number" }, String(one.total)),
    make("td", { class: "words" }, one.counts ? tag("counts", "good") : "",
      one.trouble ? " " + one.trouble : "")));
  return make("section", { "aria-labelledby": "attempts" },
    make("h2", { id: "attempts" }, "Attempts"),
    make("div", { class: "wide" }, make("table", {},
      make("thead", {}, make("tr", {}, ...names.map((name, place) =>
        make("th", { scope: "col", class: place === 2 || place === 3 ? "number" : "" }, name)))),
      make("tbody", {}, ...rows))));
}

function policy(student) {
  return make("section", { "aria-labelledby": "policy" },
    make("h2", { id: "policy" }, "How this is marked"),
    make("ul", {}, ...student.policy.map((sentence) => make("li", {}, sentence))));
}

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

// Inside a page a link only moves: the address names the student.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-jump]");
  if (!link) return;
  event.preventDefault();
  const aim = document.getElementById(link.dataset.jump);
  aim.scrollIntoView();
  aim.focus({ preventScroll: true });
});
