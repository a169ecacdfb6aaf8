// RICAP in five steps, all in the browser; without a step everything is shown.
const STEPS = [
  ["Choose", "Take four training images at random, each with its label.", () => "image k with label c<sub>k</sub>, k = 1, 2, 3, 4"],
  ["Boundary", "Draw the point where four regions shall meet; small β drives it to the edges.",
    ({ size: [height, width], boundary: [w, h] }) => (state.moved
      ? `w = ${w}, h = ${h}, the draw moved by hand`
      : `w = round(w′ · ${width}) = ${w}, h = round(h′ · ${height}) = ${h}; w′, h′ ~ Beta(β, β)`)],
  ["Crop", "Cut a crop of exactly its region's size out of each image, at a random place.",
    () => "x<sub>k</sub> ~ U(0, I<sub>x</sub> − w<sub>k</sub>), y<sub>k</sub> ~ U(0, I<sub>y</sub> − h<sub>k</sub>); an image is I<sub>x</sub> × I<sub>y</sub>"],
  ["Patch", "Put the four crops together: no pixel is blended, masked or invented.",
    () => "crop 1 | crop 2 over crop 3 | crop 4"],
  ["Mix the label", "Each image's class counts for its region's share of the area.",
    (plan) => `c = Σ W<sub>k</sub> c<sub>k</sub>, W = ${weightsOf(plan).map((weight) => fixed(weight, 3)).join(", ")}`],
];
const REST = matchMedia("(hover: none)").matches
  ? "Drag the round handle or a crop; tap a region to find it everywhere."
  : "Drag the round handle or a crop; point at a region to find it everywhere. Arrow keys move, the space bar draws anew.";
const PLACES = [".rx-step-sources", ".rx-where", ".rx-step-sources", ".rx-stage", ".rx-label"]; // on a phone: what is told of
let step = 0, playing = 0;
const chips = STEPS.map(([title], i) =>
  make("button", { type: "button", class: "rx-chip", "data-go": i + 1 }, make("b", {}, `${i + 1}`), ` ${title}`));
const back = make("button", { type: "button", class: "rx-chip", "data-go": "back", "aria-label": "Previous step" }, "‹");
const next = make("button", { type: "button", class: "rx-chip", "data-go": "next", "aria-label": "Next step" }, "›");
const play = make("button", { type: "button", class: "rx-chip" }, "▶ Play");
const sentence = make("span"), formula = make("span", { class: "rx-step-formula" });
find(".rx-steps").append(back, ...chips, next, play, make("p", { class: "rx-said", "aria-live": "polite" }, sentence, " ", formula));

const goTo = (number) => {
  step = number;
  if (step) element.dataset.step = step;
  else delete element.dataset.step;
  chips.forEach((chip, i) => chip.setAttribute("aria-pressed", i + 1 === step));
  sentence.textContent = step ? STEPS[step - 1][1] : REST;
  const away = playing && !isSeen(element); // who reads on elsewhere while it plays
  if (step && innerWidth <= 900 && !away) find(PLACES[step - 1]).scrollIntoView({ block: "center" });
  showFormula();
};
const showFormula = () => (formula.innerHTML = step && plan ? STEPS[step - 1][2](plan) : "");
const stop = () => {
  clearInterval(playing);
  playing = 0;
  play.textContent = "▶ Play";
};
const start = () => {
  goTo(1);
  playing = setInterval(() => (step < 5 ? goTo(step + 1) : (goTo(0), stop())), 2600);
  play.textContent = "■ Stop";
};
find(".rx-steps").addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if (pressed === play) return playing ? (stop(), goTo(0)) : start();
  stop();
  const { go } = pressed.dataset;
  if (go === "next") goTo((step + 1) % 6);
  else if (go === "back") goTo((step + 5) % 6);
  else goTo(Number(go) === step ? 0 : Number(go));
});
document.addEventListener("rx-drawn", showFormula);
goTo(0);
if (props.opened) open();
else
  setTimeout(() => {
    if (state) return;
    open(); // the link was not answered: what is shown at first
    guessed = state;
  }, 5000);
