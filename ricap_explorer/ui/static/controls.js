// β on a log slider and as text, the seed, a new draw: both as typed, Python says what is wrong with them.
const slider = find(".rx-beta"), text = find(".rx-beta-text"), seed = find(".rx-seed");
for (const mark of props.marks) {
  const button = make("button", { type: "button", "data-beta": mark, style: `--x:${(Math.log10(mark) + 2) / 4}` }, `${mark}`);
  if (mark === props.paper) button.classList.add("rx-paper");
  find(".rx-marks").append(button);
}
let frame = 0;
const draw = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => change({ beta: text.value, seed: seed.value, moved: null }));
};
const showSlider = () => {
  const beta = Number(text.value);
  if (beta > 0) slider.value = Math.log10(beta);
  slider.setAttribute("aria-valuetext", `β = ${text.value}`);
};
const showControls = () => {
  [text.value, seed.value] = [state.beta, state.seed];
  showSlider();
};
const drawAnew = () => {
  seed.value = Math.floor(Math.random() * 1e6);
  draw();
};
slider.addEventListener("input", () => {
  text.value = String(Number((10 ** slider.value).toPrecision(3)));
  slider.setAttribute("aria-valuetext", `β = ${text.value}`);
  draw();
});
text.addEventListener("input", () => (showSlider(), draw()));
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
