// The Lesson: what its parts share, and its links.
const find = (selector) => element.querySelector(selector);
const inPart = (part) => (selector) => find(`${part} ${selector}`);
const random = () => Math.floor(Math.random() * 1e6);
// ask the server; of what is asked meanwhile only the last counts
const lastOf = (ask, take) => {
  let wanted = null, busy = false;
  return async (state) => {
    wanted = { state };
    if (busy) return;
    busy = true;
    try {
      while (wanted) {
        const { state: latest } = wanted;
        wanted = null;
        take(await asked(() => ask(latest)));
      }
    } finally {
      busy = false;
    }
  };
};
// the answer is shown, its sentence heard: a place that stays, for what comes with its place is not read out
const taker = (own, place, said) => (answer) => {
  own(".rx-alert").textContent = answer.error ?? "";
  if (answer.html) {
    own(place).innerHTML = answer.html;
    own(".rx-spoken").textContent = said();
  }
};

// examples of the Patch tab's pictures, and of others once it shows others
let seen = false, drawnOf = null;
const askExamples = lastOf((slots) => server.drawn(slots), ({ html, error }) => {
  if (html) return (find(".rx-examples").innerHTML = html);
  drawnOf = null;
  const told = Object.assign(document.createElement("p"), { className: "rx-hint", textContent: error });
  find(".rx-examples").replaceChildren(told);
});
const drawExamples = () => {
  const slots = document.rxPatch?.state.slots ?? props.slots;
  if (!seen || drawnOf === slots.join()) return;
  drawnOf = slots.join();
  askExamples(slots);
};
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  drawExamples();
}).observe(element);
document.addEventListener("rx-drawn", drawExamples);

// links set the page's state without a reload
const drawnAs = (query) => {
  const wanted = new URLSearchParams(query), { state } = document.rxPatch ?? {};
  return state && state.beta === wanted.get("beta") && state.seed === wanted.get("seed");
};
// an upload cannot be in a link: who follows one keeps theirs
const keeping = (query) => {
  const wanted = new URLSearchParams(query);
  if (document.rxPatch?.state.slots.some((slot) => slot.startsWith("upload:"))) wanted.delete("images");
  return `?${wanted}`;
};
const scrollWhenShown = (query, place, tries = 600) => {
  const node = document.querySelector(place);
  if (drawnAs(query) && node?.offsetParent) node.scrollIntoView({ block: "start" });
  else if (tries) requestAnimationFrame(() => scrollWhenShown(query, place, tries - 1));
};
element.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="?"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const query = link.getAttribute("href"), { see } = link.dataset;
  if (element.closest(".rx-plain")) return window.open(query, "_blank", "noopener"); // a slide keeps its article
  history.scrollRestoration = "manual"; // Back returns to this place, not to where the page has scrolled meanwhile
  history.replaceState({ ...history.state, rxTop: scrollY }, "");
  document.dispatchEvent(new CustomEvent("rx-follow", { detail: keeping(query) }));
  document.querySelector("#rx-tabs").scrollIntoView({ block: "start" });
  const tab = new URLSearchParams(query).get("tab");
  document.querySelector(`#rx-tabs [data-tab-id="${tab}"]`)?.focus({ preventScroll: true }); // what had it goes away
  if (see) scrollWhenShown(query, see);
});
find(".rx-tour-start").addEventListener("click", () => document.dispatchEvent(new CustomEvent("rx-tour")));
