// A link with view=plain shows the open tab's figure alone, to stand in a slide: drawn smaller where the frame is too low
// for it. An article is left to scroll, and so is a phone's page, and what would have to be too small to be read.
const plain = new URLSearchParams(location.search).get("view") === "plain";
const figure = element.closest(".gradio-container"), root = document.documentElement;
const SMALLEST = 0.5, READABLE = 0.8, FAR = 1.3, ARTICLE = 3, PHONE = 900; // shares of the size, frames high, px wide
let scrolls = false;
const shrink = (zoom) => {
  const phone = innerWidth <= PHONE && innerHeight > innerWidth;
  if (scrolls || phone || root.scrollHeight > ARTICLE * innerHeight) return;
  for (; root.scrollHeight > innerHeight && zoom > SMALLEST; zoom -= 0.05) figure.style.zoom = zoom - 0.05;
  scrolls = root.scrollHeight > FAR * innerHeight;
  if (scrolls) figure.style.zoom = READABLE;
};
figure?.classList.toggle("rx-plain", plain);
if (plain) {
  new ResizeObserver(() => requestAnimationFrame(() => shrink(Number(figure.style.zoom) || 1))).observe(figure);
  window.addEventListener("resize", () => {
    scrolls = false;
    figure.style.zoom = 1;
    shrink(1);
  });
}
