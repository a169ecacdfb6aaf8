// Four slots: a click makes one active, so that the gallery, an upload or a paste fills it. Only this file changes the
// value {slots, active, shown}: a late answer from Python never undoes what was chosen since.
const change = (more) => (props.value = { ...props.value, ...more });
element.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-slot]");
  if (tile) change({ active: Number(tile.dataset.slot) });
});
document.addEventListener("rx-pick", (event) => {
  if (!event.target.closest("#rx-gallery")) return;
  const { slots, active } = props.value;
  change({ slots: slots.map((slot, k) => (k === active ? event.detail : slot)) });
  trigger("input");
});
watch("images", () => change({ shown: props.images.map((image) => image.id) }));
