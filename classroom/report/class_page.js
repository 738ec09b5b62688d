// The class: a table to sort and filter, and a page for each person.

const table = document.getElementById("people");
const body = table.tBodies[0];
const rows = [...body.rows];
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const title = document.title;

function cellText(row, column) {
  return row.cells[column].textContent.trim();
}

function sortBy(head) {
  const column = head.cellIndex;
  const downward = head.getAttribute("aria-sort") === "ascending";
  const numbers = head.firstElementChild.dataset.kind === "number";
  const keys = new Map(rows.map((row) => [row, cellText(row, column)]));
  const sign = downward ? -1 : 1;
  rows.sort((one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    if (a === "" || b === "") return (a === "") - (b === ""); // what is missing comes last
    return sign * (numbers ? a - b : order.compare(a, b));
  });
  body.append(...rows);
  for (const each of table.tHead.rows[0].cells) {
    if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
  }
  head.setAttribute("aria-sort", downward ? "descending" : "ascending");
}

table.tHead.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) sortBy(button.parentElement);
});

const filter = document.getElementById("filter");
const state = document.getElementById("state");
const count = document.getElementById("count");
const haystacks = new Map();

function words(row) {
  if (!haystacks.has(row)) haystacks.set(row, row.textContent.toLowerCase());
  return haystacks.get(row);
}

function applyFilter() {
  const wanted = filter.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = (!wanted || words(row).includes(wanted)) &&
      (!state.value || row.querySelector(".state .tag").textContent === state.value);
    row.hidden = !fits;
    shown += fits;
  }
  count.textContent = `${shown} of ${rows.length} shown`;
}

filter.addEventListener("input", applyFilter);
state.addEventListener("change", applyFilter);
document.getElementById("tools").hidden = false;
applyFilter();

// The address says what is shown: #student/NAME, or a part of the overview.
const overviewPart = document.getElementById("overview");
const studentPart = document.getElementById("student");
const PREFIX = "#student/";
let opened = null;
let reading = 0;

function steps(place) {
  const near = [[-1, "Previous"], [1, "Next"]].map(([step, word]) => {
    const row = place < 0 ? undefined : visible()[place + step];
    return row ? make("a", { href: linkOf(row) }, word + ": ", isolated(cellText(row, 0))) : "";
  });
  return make("nav", { class: "steps", "aria-label": "People" },
    make("a", { href: "#people" }, "Back to the class"), ...near);
}

function visible() {
  return rows.filter((row) => !row.hidden);
}

function linkOf(row) {
  return row.querySelector("a").getAttribute("href");
}

function route() {
  const name = location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : "";
  const data = name && document.getElementById("data-" + name);
  const was = opened;
  if (!opened && data) reading = window.scrollY;
  opened = data ? name : null;
  overviewPart.hidden = Boolean(data);
  studentPart.hidden = !data;
  document.getElementById("top").parentElement.hidden = Boolean(data);
  if (!data) {
    studentPart.replaceChildren();
    document.title = title;
    if (was) returnTo(was);
    return;
  }
  const student = JSON.parse(data.textContent);
  const place = visible().findIndex((row) => linkOf(row) === PREFIX + name);
  studentPart.replaceChildren(steps(place), ...studentPage(student, read("catalogue")));
  document.title = `${student.name} – ${title}`;
  window.scrollTo(0, 0);
  studentPart.querySelector("h1").focus({ preventScroll: true });
}

function returnTo(name) {
  const row = rows.find((each) => linkOf(each) === PREFIX + name);
  window.scrollTo(0, reading);
  row.querySelector("a").focus();
}

window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
window.addEventListener("hashchange", route);
route();
