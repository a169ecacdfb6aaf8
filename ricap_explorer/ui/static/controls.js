// β on a log slider and as text, the seed, a new draw: both as typed, Python says what is wrong with them.
// A seed's draws at every place of the slider are fetched ahead: the picture follows at once, and the server confirms.
const slider = find(".rx-beta"), text = find(".rx-beta-text"), seed = find(".rx-seed");
for (const mark of props.marks) {
  const button = make("button", { type: "button", "data-beta": mark, style: `--x:${(Math.log10(mark) + 2) / 4}` }, `${mark}`);
  if (mark === props.paper) button.classList.add("rx-paper");
  find(".rx-marks").append(button);
}
const typed = () => text.value.replace(",", "."); // a decimal comma
const betaAt = (place) => String(Number((10 ** place).toPrecision(3)));
const BETAS = Array.from({ length: 401 }, (_, i) => betaAt(i / 100 - 2));
let ahead = { seed: null, plans: [] };
const fetchAhead = async () => {
  if (ahead.seed === state.seed) return;
  const fetched = (ahead = { seed: state.seed, plans: [] });
  try {
    fetched.plans = (await server.draws({ seed: fetched.seed, betas: BETAS })).plans;
  } catch {} // then every draw waits for the server
};
document.addEventListener("rx-drawn", fetchAhead);
const foreseen = ({ beta, seed, moved }) => (!moved && ahead.seed === seed && ahead.plans[BETAS.indexOf(beta)]) || null;
const draw = () => change({ beta: typed(), seed: seed.value, moved: null });
const showSlider = () => {
  const beta = Number(typed());
  if (!(beta > 0)) return;
  slider.value = Math.log10(beta);
  slider.setAttribute("aria-valuetext", `β = ${text.value}`);
};
const begun = /^0?[.,]?0*$/; // of a number below 1, and not yet one
const showControls = () => {
  [text.value, seed.value] = [state.beta, state.seed];
  showSlider();
};
const drawAnew = () => {
  seed.value = Math.floor(Math.random() * 1e6);
  draw();
};
slider.addEventListener("input", () => {
  text.value = betaAt(slider.value);
  slider.setAttribute("aria-valuetext", `β = ${text.value}`);
  draw();
  const drawn = plan && foreseen(state);
  if (!drawn) return;
  good = { ...state, slots: good.slots }; // shown, whether the server answers or not
  show((plan = { ...plan, ...drawn }), names(), images);
});
text.addEventListener("input", () => begun.test(text.value) || (showSlider(), draw()));
text.addEventListener("change", () => begun.test(text.value) && draw());
seed.addEventListener("input", draw);
element.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-beta]");
  if (mark?.matches("button")) {
    text.value = mark.dataset.beta;
    showSlider();
    draw();
  }
  if (event.target.closest(".rx-draw")) drawAnew();
});
