// The address bar follows what is shown; a button copies it. Python says which parameters there are and how each value
// is written (ui/link.py). Another tab is another entry of the history: Back returns to the one before.
const said = element.querySelector(".rx-link-said");
const openTab = () => document.querySelector('#rx-tabs [role="tab"][aria-selected="true"]')?.dataset.tabId;
// Browsers refuse to write many addresses within some seconds, in silence: after so many at once, ms between two of them.
const AT_ONCE = 30, PAUSE = 400;
let written; // the tab that the address bar names
let wanted = location.href, due = 0; // the newest address, and the timer that is to write it
let room = AT_ONCE, last = 0; // how many may be written, as of when one last was
let missing = ""; // what of the state no link can carry
const roomNow = () => Math.min(AT_ONCE, room + (performance.now() - last) / PAUSE);
const write = (way = "replaceState", state = history.state) => {
  clearTimeout(due);
  due = 0;
  [room, last] = [roomNow() - 1, performance.now()];
  try {
    history[way](state, "", wanted);
  } catch {
    due = setTimeout(write, 10 * PAUSE);
  }
};
addEventListener("pagehide", () => due && write());
const readable = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":");
document.rxLink = async (names, writers, values) => {
  const all = JSON.stringify(values);
  missing = [["upload:", "pictures"], ["own:", "networks"]].filter(([id]) => all.includes(`"${id}`)).map(([, what]) => what).join(" and ");
  await new Promise((done) => setTimeout(done)); // a tab that has just been opened is marked by then
  if (!due) wanted = location.href;
  const params = Object.fromEntries(new URL(wanted).searchParams);
  for (const name of [...names, "tab"]) delete params[name];
  const tab = openTab();
  Object.assign(params, { tab }, ...writers.map((write, k) => write(values[k])));
  const query = Object.entries(params).filter(([, text]) => text).map(([name, text]) => `${name}=${readable(text)}`);
  const isOther = written && tab !== written;
  if (isOther && due) write();
  written = tab;
  wanted = `${location.origin}${location.pathname}?${query.join("&")}`;
  if (isOther) {
    const { rxTop, ...state } = history.state ?? {};
    write("pushState", state);
    history.scrollRestoration = "auto";
  } else if (roomNow() >= 1) {
    write();
  } else {
    due ||= setTimeout(write, PAUSE);
  }
  document.dispatchEvent(new CustomEvent("rx-linked", { detail: wanted }));
  return [];
};
for (const kind of ["input", "click"]) // what a bad link said is over once the visitor does something
  document.addEventListener(kind, ({ isTrusted, target }) => {
    const note = document.querySelector("#rx-link-note .rx-alert");
    if (isTrusted && note && target.closest("#rx-tabs")) note.textContent = "";
  });

// The number beside a slider: Gradio takes it as it is typed, also emptied or out of range, and shows an error of its own.
const isBox = (node) => node.matches?.('.gradio-container input[type="number"][min][max]');
const inRange = (box) => Math.min(Math.max(Number(box.value), Number(box.min)), Number(box.max));
const isBad = (box) => isBox(box) && (box.value === "" || inRange(box) !== Number(box.value));
const typed = (event) => isBad(event.target) && event.stopImmediatePropagation();
const left = ({ target: box }) => {
  if (!isBad(box)) return;
  box.value = box.value === "" ? box.closest(".block").querySelector('input[type="range"]').value : inRange(box);
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
document.addEventListener("input", typed, true);
for (const kind of ["change", "focusout"]) document.addEventListener(kind, left, true);

const backTo = (top, tries = 60) => {
  scrollTo(0, top);
  if (tries && Math.abs(scrollY - top) > 1) requestAnimationFrame(() => backTo(top, tries - 1)); // it is not drawn yet
};
window.addEventListener("popstate", ({ state }) => {
  clearTimeout(due);
  due = 0;
  written = new URLSearchParams(location.search).get("tab");
  document.querySelector(`#rx-tabs [role="tab"][data-tab-id="${CSS.escape(written)}"]`)?.click();
  if (!state?.rxTop) return;
  history.scrollRestoration = "auto";
  backTo(state.rxTop);
});
document.addEventListener("rx-follow", (event) => {
  props.value = event.detail;
  trigger("submit");
});
element.addEventListener("click", async (event) => {
  if (!event.target.closest(".rx-copy-link")) return;
  try {
    await navigator.clipboard.writeText(due ? wanted : location.href);
    said.textContent = missing ? `Copied, without your own ${missing}.` : "Copied.";
  } catch {
    said.textContent = "Copy the address bar: the browser keeps the clipboard closed.";
  }
  setTimeout(() => (said.textContent = ""), 4000);
});
