// A square crop of the picture, moved by pointer, arrow keys or a preset, its side by a slider. Python hears
// {left, top, side}, all in % of the picture, or is asked for the crop with the least evidence.
let frame = 0, held = false;
const box = () => element.querySelector(".rx-crop-box");
const limit = (value, most) => Math.min(Math.max(value, 0), most);
const show = ({ left, top, side }) => {
  const style = box().style;
  [style.left, style.top, style.width, style.height] = [left, top, side, side].map((number) => `${number}%`);
  box().setAttribute("aria-label", `Crop, ${Math.round(left)} % from the left, ${Math.round(top)} % from the top`);
};
const put = (left, top, side = props.value.side) => {
  const most = 100 - side;
  props.value = { ...props.value, left: limit(left, most), top: limit(top, most), side };
  show(props.value);
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => trigger("input"));
};
element.addEventListener("pointerdown", (event) => {
  const field = event.target.closest(".rx-crop-field");
  if (!field || event.button || held) return;
  held = true;
  event.preventDefault();
  box().focus({ preventScroll: true });
  const follow = (move) => {
    if (move.pointerId !== event.pointerId) return; // another finger
    const { left, top, width } = field.getBoundingClientRect();
    const half = props.value.side / 2;
    put(((move.clientX - left) / width) * 100 - half, ((move.clientY - top) / width) * 100 - half);
  };
  const stop = (last) => {
    if (last.pointerId !== event.pointerId) return;
    held = false;
    removeEventListener("pointermove", follow);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
  follow(event);
});
element.addEventListener("keydown", (event) => {
  if (!event.target.closest(".rx-crop-box")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step) return;
  event.preventDefault();
  const size = event.shiftKey ? 10 : 2;
  put(props.value.left + size * step[0], props.value.top + size * step[1]);
});
element.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const side = Number(event.target.value);
  const centre = ["left", "top"].map((name) => props.value[name] + (props.value.side - side) / 2);
  put(...centre, side);
});
element.addEventListener("click", (event) => {
  const corner = event.target.closest("[data-corner]");
  if (corner) {
    const [x, y] = corner.dataset.corner.split(",").map(Number);
    put(x * 100, y * 100);
  }
  if (event.target.closest(".rx-emptiest")) trigger("emptiest");
});
watch("found", () => { // slow methods take a while, and the visitor may have gone on
  const { left, top, asked } = props.found ?? {};
  if (asked && ["left", "top", "side"].every((name) => props.value[name] === asked[name])) put(left, top);
});
