// β on a log slider and as text, the seed, a new draw. Python hears {beta, seed}, both as typed.
const find = (selector) => element.querySelector(selector);
const slider = find(".rx-beta"), text = find(".rx-beta-text"), seed = find(".rx-seed");
let frame = 0;
const send = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    props.value = { beta: text.value, seed: seed.value };
    trigger("input");
  });
};
const show = (beta) => slider.setAttribute("aria-valuetext", `β = ${beta}`);
slider.addEventListener("input", () => {
  text.value = String(Number((10 ** slider.value).toPrecision(3)));
  show(text.value);
  send();
});
text.addEventListener("input", () => {
  const beta = Number(text.value);
  if (beta > 0) slider.value = Math.log10(beta);
  show(text.value);
  send();
});
seed.addEventListener("input", send);
element.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-beta]");
  if (mark) {
    text.value = mark.dataset.beta;
    slider.value = Math.log10(Number(text.value));
    show(text.value);
    send();
  }
  if (event.target.closest(".rx-draw")) {
    seed.value = Math.floor(Math.random() * 1e6);
    send();
  }
});
