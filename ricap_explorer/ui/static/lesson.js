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
    while (wanted) {
      const { state: asked } = wanted;
      wanted = null;
      take(await ask(asked).catch(() => ({ error: "The server did not answer; please try again." })));
    }
    busy = false;
  };
};
const taker = (own, place, more = () => {}) => (answer) => {
  own(".rx-alert").textContent = answer.error ?? "";
  if (answer.html) own(place).innerHTML = answer.html;
  more(answer);
};

lastOf((slots) => server.drawn(slots), ({ html, error }) => {
  if (html) find(".rx-examples").innerHTML = html;
  else find(".rx-examples p").textContent = error;
})(document.rxPatch?.state.slots ?? props.slots);

// links set the page's state without a reload
const drawnAs = (query) => {
  const wanted = new URLSearchParams(query), { state } = document.rxPatch ?? {};
  return state && state.beta === wanted.get("beta") && state.seed === wanted.get("seed");
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
  document.dispatchEvent(new CustomEvent("rx-follow", { detail: query }));
  document.querySelector("#rx-tabs").scrollIntoView({ block: "start" });
  if (see) scrollWhenShown(query, see);
});
find(".rx-tour-start").addEventListener("click", () => document.dispatchEvent(new CustomEvent("rx-tour")));
