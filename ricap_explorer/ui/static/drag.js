// The boundary point on the patched image and the crops on their sources, by pointer and by keys. The picture, the
// label and the marks follow here; Python hears of it at the end.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const EDGES = { Home: [-1, 0], End: [1, 0], PageUp: [0, -1], PageDown: [0, 1] };
const moveTo = (moved) => {
  plan = moved;
  state = { ...state, moved: { boundary: plan.boundary, corners: plan.corners } };
  if (good) good = { ...good, moved: state.moved }; // shown, whether the server answers or not
  show(plan, names(), images);
};
const movedBy = (start, handle, dx, dy) => {
  // dx, dy in pixels of the picture
  if (handle.dataset.crop) {
    const k = Number(handle.dataset.crop), [top, left] = start.corners[k];
    return moveCrop(start, k, [top + dy, left + dx]);
  }
  const [w, h] = start.boundary, { axis } = handle.dataset;
  return moveBoundary(start, [w + (axis.includes("w") ? dx : 0), h + (axis.includes("h") ? dy : 0)]);
};

element.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-axis], [data-crop]");
  if (!handle || !plan || event.button || element.matches(".rx-dragging")) return; // a second finger moves nothing
  const { width, height } = handle.parentElement.getBoundingClientRect();
  let start = null, waiting = 0, far = false;
  const follow = (to) => {
    if (to.pointerId !== event.pointerId) return;
    far ||= Math.hypot(to.clientX - event.clientX, to.clientY - event.clientY) > 3;
    if (!far) return;
    start ??= plan; // an answer may have come since the button went down
    const dx = Math.round(((to.clientX - event.clientX) / width) * plan.size[1]);
    const dy = Math.round(((to.clientY - event.clientY) / height) * plan.size[0]);
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => moveTo(movedBy(start, handle, dx, dy)));
  };
  const end = (last) => {
    if (last.pointerId !== event.pointerId) return;
    handle.removeEventListener("pointermove", follow);
    handle.removeEventListener("pointerup", end);
    handle.removeEventListener("pointercancel", end);
    element.classList.remove("rx-dragging");
    if (!far) return;
    requestAnimationFrame(() => change({})); // after the last move
    if (last.type !== "pointerup" || !handle.dataset.crop) return;
    const swallow = (click) => click.stopPropagation();
    handle.addEventListener("click", swallow, true);
    setTimeout(() => handle.removeEventListener("click", swallow, true)); // after a finger's drag no click comes
  };
  light(handle.dataset.crop ? [handle.dataset.crop] : null);
  element.classList.add("rx-dragging");
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointerup", end);
  handle.addEventListener("pointercancel", end);
});

// elsewhere the space bar turns a screenful, as on any page
const stageIsSeen = () => {
  const { top, bottom } = find(".rx-stage").getBoundingClientRect(), middle = (top + bottom) / 2;
  return middle > 0 && middle < innerHeight;
};
document.addEventListener("keydown", (event) => {
  if (!plan || !element.offsetParent || event.ctrlKey || event.metaKey || event.altKey) return;
  const handle = event.target.closest?.("#rx-patch [role=slider][tabindex]");
  if (event.key === " " && (handle || (event.target === document.body && stageIsSeen()))) {
    event.preventDefault();
    return drawAnew();
  }
  const way = ARROWS[event.key] ?? EDGES[event.key];
  if (!handle || !way) return;
  event.preventDefault();
  const far = EDGES[event.key] ? Math.max(...plan.size) : event.shiftKey ? 10 : 1;
  const [dx, dy] = way.map((step) => step * far);
  moveTo(movedBy(plan, handle, dx, dy));
  change({});
});
