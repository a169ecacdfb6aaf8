// Four slots: a click makes one active, so that the gallery, an upload or a paste fills it.
element.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-slot]");
  if (tile) props.value = { ...props.value, active: Number(tile.dataset.slot) };
});
