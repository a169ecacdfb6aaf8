// The Patch tab's state: four pictures, β and seed as typed, and what a drag has moved. Python draws the plan of a state
// and confirms a moved one; answers to what is no longer asked are dropped. `good` is the last state that could be
// drawn: what is shown, and what other parts of the page are given.
let state = null, good = null, plan = null, asking = false, again = false;
const images = tiles.map((tile) => tile.image);
const names = () => images.map((image) => image.dataset.name);
let told = "", said = ""; // what the gallery, out of sight, says of an upload; what is wrong with the state
const isSeen = (node) => {
  const { top, bottom } = node.getBoundingClientRect();
  return bottom >= 0 && top < innerHeight;
};
const say = (words) => {
  said = words;
  find(".rx-alert").textContent = told || said;
  text.setAttribute("aria-invalid", said.startsWith("beta "));
  seed.setAttribute("aria-invalid", said.startsWith("seed "));
};

const change = (more) => {
  if (!state) return; // the page has not opened yet
  told = "";
  state = { ...state, ...more };
  props.value = state;
  ask();
};
const ask = async () => {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    const asked = state;
    try {
      await take(await server.draw({ ...asked, shown: images.map((image) => image.dataset.id) }), asked);
    } catch (error) {
      console.warn(error);
      say("the server did not answer; please try again");
    }
  }
  asking = false;
  settle();
};
const take = async (answer, asked) => {
  await Promise.all((answer.images || []).map(({ id, name, src }, k) => fill(images[k], id, name, src)));
  say(answer.note);
  if (!answer.plan) return refused(answer, asked);
  if (asked.moved !== state.moved) return;
  good = foreseen(state) ? { ...state, slots: asked.slots } : asked;
  const where = find(".rx-where");
  if (where.dataset.beta !== answer.beta) where.innerHTML = answer.density;
  where.dataset.beta = answer.beta;
  if (asked === state || !foreseen(state)) plan = answer.plan; // else what is shown is newer than this answer
  show(plan, names(), images);
};
// β or seed is bad: other pictures are shown all the same, and what a hand has moved is a draw of the last good ones
const refused = (answer, asked) => {
  if (!good) return;
  if (answer.images) {
    good = { ...good, slots: asked.slots };
    show(plan, names(), images);
  }
  if (asked !== state || !state.moved || (state.beta === good.beta && state.seed === good.seed)) return;
  change({ beta: good.beta, seed: good.seed });
  showControls();
};
const fill = (image, id, name, src) => {
  const same = image.dataset.id === id;
  Object.assign(image.dataset, { id, name });
  if (same) return;
  image.src = src;
  return image.decode();
};
const settle = () => {
  for (const node of element.querySelectorAll("[data-slot]"))
    node.matches(".rx-caption") && node.setAttribute("aria-pressed", Number(node.dataset.slot) === state.active);
  tiles.forEach(({ tile }, k) => tile.classList.toggle("rx-active", k === state.active));
  find(".rx-undo").hidden = !state.moved;
  if (!plan) return;
  find(".rx-stage").classList.remove("rx-wait");
  element.dataset.ready = "";
  find(".rx-heard").textContent = find(".rx-bar").getAttribute("aria-label");
  document.rxPatch = { state: good, plan, names: names() };
  document.dispatchEvent(new CustomEvent("rx-drawn"));
  if (state !== guessed) trigger("change"); // a guess would take the place of the link in the address bar
};

element.addEventListener("click", (event) => {
  const slot = event.target.closest("[data-slot]");
  if (slot) change({ active: Number(slot.dataset.slot) });
  if (event.target.closest(".rx-undo")) {
    change({ moved: null });
    find(".rx-knob").focus({ preventScroll: true }); // the button goes away
  }
  if (event.target.closest("#rx-look")) trigger("submit");
});
// only Chromium hands a dragged thumbnail over as a file, which may be dropped anywhere (picker.js)
element.addEventListener("dragover", (event) => {
  const ours = event.dataTransfer?.types.includes("application/x-rx-picture");
  if (ours && event.target.closest("[data-slot]")) event.preventDefault();
});
element.addEventListener("drop", (event) => {
  const slot = event.target.closest("[data-slot]"), brought = document.rxBrought(event);
  if (!slot || !(brought.id || brought.file)) return;
  change({ active: Number(slot.dataset.slot) });
  document.dispatchEvent(new CustomEvent("rx-drop", { detail: brought })); // the gallery takes it in
});
document.addEventListener("rx-taking", (event) => {
  if (event.target.closest("#rx-gallery") && state) event.detail.place = state.active; // whatever is marked later
});
document.addEventListener("rx-told", (event) => {
  if (!event.target.closest("#rx-gallery")) return;
  const here = isSeen(find("#rx-note"));
  if (here) event.preventDefault();
  told = here ? event.detail : "";
  say(said);
});
document.addEventListener("rx-pick", (event) => {
  if (!event.target.closest("#rx-gallery") || !state) return;
  const { id, place } = event.detail;
  change({ slots: state.slots.map((slot, k) => (k === (place ?? state.active) ? id : slot)) });
  if (innerWidth <= 900 && isSeen(event.target)) find(".rx-stage").scrollIntoView({ block: "center" });
});
document.addEventListener("rx-plan", (event) => change({ moved: event.detail })); // a plan that was brought back in
document.addEventListener("rx-seed", (event) => {
  seed.value = event.detail; // one of the sixteen draws
  draw();
  element.scrollIntoView({ block: "start" });
  find(".rx-knob").focus({ preventScroll: true });
});
let guessed = null; // what was opened with for want of an answer to the link
const open = () => {
  const late = guessed && guessed !== state; // the visitor has gone on from there
  guessed = null;
  if (late) return;
  state = { ...props.value, ...props.opened };
  showControls();
  change({});
};
watch("opened", open);
