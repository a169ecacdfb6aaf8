// Over-fitting: the sliders ask, the server fits and draws.
const fitPart = inPart(".rx-overfit");
const [degree, points] = [fitPart(".rx-fit-degree"), fitPart(".rx-fit-points")];
const FIRST = 9; // points on which the error of degree 11 is plain to see
let noise = FIRST;
const askFit = lastOf((state) => server.fitted(state), taker(fitPart, ".rx-fit", () => fitPart(".rx-errors").textContent));
const fitNow = () => {
  for (const dial of [degree, points]) dial.previousElementSibling.textContent = dial.value;
  askFit({ degree: Number(degree.value), points: Number(points.value), seed: noise });
};
for (const dial of [degree, points]) dial.addEventListener("input", fitNow);
fitPart(".rx-fit-again").addEventListener("click", () => ((noise = random()), fitNow()));
element.addEventListener("click", (event) => {
  const set = event.target.closest("[data-fit]");
  if (!set) return;
  [degree.value, points.value] = set.dataset.fit.split(",");
  noise = FIRST;
  fitNow();
  if (innerWidth <= 900) fitPart(".rx-errors")?.scrollIntoView({ block: "start" }); // one column: it is out of sight
});
fitNow();
