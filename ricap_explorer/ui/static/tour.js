// A tour of the page: a bubble beside each widget that it explains, never upon it; nothing moves out of its place.
const bubble = element.querySelector(".rx-bubble"), ring = element.querySelector(".rx-ring");
const part = (name) => element.querySelector(`.rx-tour-${name}`);
const AIR = 12, KEY = "rx-tour";
let step = -1, placed = -1, opener = null, frame = 0;
const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a closed storage: the invitation comes again
  }
};
const remember = () => {
  element.classList.remove("rx-new");
  try {
    localStorage.setItem(KEY, "seen");
  } catch {}
};

const tabOf = (name) => document.querySelector(`#rx-tabs [role="tab"][data-tab-id="${name}"]`);
const open = (name) => tabOf(name)?.getAttribute("aria-selected") === "true" || tabOf(name)?.click();
const isShown = (target) => target?.offsetParent && target.getBoundingClientRect().height > 8;
const panelOf = ({ tab }) => document.querySelector(`#rx-tab-${tab}`);
const targetOf = (step) => {
  const target = document.querySelector(step.target);
  return isShown(target) ? target : panelOf(step); // of slow networks there is nothing to point at yet
};
const shown = async (step) => {
  for (let tries = 0; tries < 120; tries++) {
    if (isShown(document.querySelector(step.target))) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  return targetOf(step)?.offsetParent ? targetOf(step) : null;
};

// where the bubble fits beside the target: right, left, below, above; else at the foot of the window
const placeFor = (box, width, height) => {
  const [right, bottom] = [document.documentElement.clientWidth, window.innerHeight];
  const into = (x, size, end) => Math.min(Math.max(x, AIR), end - size - AIR);
  const beside = into(box.top, height, bottom), along = into(box.left, width, right);
  const places = [
    [box.right + AIR, beside, box.right + width + 2 * AIR <= right],
    [box.left - width - AIR, beside, box.left >= width + 2 * AIR],
    [along, box.bottom + AIR, box.bottom + height + 2 * AIR <= bottom],
    [along, box.top - height - AIR, box.top >= height + 2 * AIR],
  ];
  return places.find(([, , fits]) => fits) ?? [along, bottom - height - AIR];
};
const settle = () => {
  const target = step < 0 ? null : targetOf(props.steps[step]);
  if (!target) return;
  if (!target.offsetParent) return placed === step ? close() : null; // another tab was opened, or is about to be
  const box = target.getBoundingClientRect();
  Object.assign(ring.style, {
    left: `${box.left - 5}px`, top: `${box.top - 5}px`, width: `${box.width + 10}px`, height: `${box.height + 10}px`,
  });
  const [left, top] = placeFor(box, bubble.offsetWidth, bubble.offsetHeight);
  Object.assign(bubble.style, { left: `${left}px`, top: `${top}px` });
};
const settleSoon = () => {
  cancelAnimationFrame(frame);
  if (step >= 0) frame = requestAnimationFrame(settle);
};
const bringIntoView = (target) => {
  const { top, height, width } = target.getBoundingClientRect();
  const aside = document.documentElement.clientWidth - width >= 2 * (bubble.offsetWidth + 2 * AIR);
  const needed = height + (aside ? 0 : bubble.offsetHeight + AIR);
  window.scrollBy({ top: top - Math.max((window.innerHeight - needed) / 2, AIR), behavior: "instant" });
};

const goTo = async (number) => {
  if (number >= props.steps.length) return end();
  const { tab, title, text } = props.steps[number];
  step = number;
  open(tab);
  const found = await shown(props.steps[number]);
  if (step !== number) return; // someone was quicker
  if (!found) return end();
  part("title").textContent = `${number + 1} of ${props.steps.length} · ${title}`;
  element.querySelector("#rx-tour-text").textContent = text;
  part("back").disabled = number === 0;
  part("next").textContent = number + 1 < props.steps.length ? "Next ›" : "Done";
  bubble.hidden = ring.hidden = false;
  placed = number;
  bringIntoView(found);
  settle();
  part("next").focus({ preventScroll: true });
};
const begin = () => {
  opener = document.activeElement;
  remember();
  goTo(0);
};
const close = () => {
  step = placed = -1;
  bubble.hidden = ring.hidden = true;
};
const end = () => {
  close();
  const back = opener?.offsetParent ? opener : part("begin");
  back.focus({ preventScroll: true });
};
// who leaves it early is back where it was begun, which may be a button of another tab
const skip = async () => {
  close();
  const panel = opener?.closest('[id^="rx-tab-"]');
  if (panel && !opener.offsetParent) {
    open(panel.id.replace("rx-tab-", ""));
    for (let tries = 0; tries < 60 && !opener.offsetParent; tries++) await new Promise(requestAnimationFrame);
    opener.scrollIntoView({ block: "center" });
  }
  end();
};

part("begin").addEventListener("click", begin);
part("no").addEventListener("click", () => (remember(), part("begin").focus()));
part("skip").addEventListener("click", skip);
part("back").addEventListener("click", () => goTo(step - 1));
part("next").addEventListener("click", () => goTo(step + 1));
document.addEventListener("rx-tour", begin);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && step >= 0) skip();
});
bubble.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
  if (event.key === "ArrowRight") goTo(step + 1);
  if (event.key === "ArrowLeft" && step > 0) goTo(step - 1);
  if (event.key !== "Tab") return;
  const buttons = [...bubble.querySelectorAll("button:not([disabled])")], last = buttons.at(-1);
  const [from, to] = event.shiftKey ? [buttons[0], last] : [last, buttons[0]];
  if (document.activeElement !== from) return; // from the last button on to the first: the bubble keeps the focus
  event.preventDefault();
  to.focus();
});
addEventListener("resize", settleSoon);
addEventListener("scroll", settleSoon, { passive: true, capture: true });
new ResizeObserver(settleSoon).observe(document.body);

// only who opens the bare page for the first time is invited; the address is the one that was asked for
const [asked] = performance.getEntriesByType("navigation");
const params = [...new URL(asked?.name ?? location.href).searchParams.keys()].filter((name) => !name.startsWith("__"));
element.classList.toggle("rx-new", !params.length && !remembered());
