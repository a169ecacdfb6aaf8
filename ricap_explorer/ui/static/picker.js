// A gallery of thumbnails, and one's own picture by file, drop or paste. Python hears {picked: id} or {kind, page}.
// What is wrong with an upload is said here, or, while this is out of sight, by whoever takes that over; whether it is seen.
const note = (text) => {
  const { top, bottom } = element.getBoundingClientRect(), seen = top < innerHeight - 80 && bottom > 0;
  const told = new CustomEvent("rx-told", { bubbles: true, cancelable: true, detail: seen ? "" : text });
  const taken = !element.dispatchEvent(told) && !seen;
  element.querySelector(".rx-alert").textContent = taken ? "" : text;
  return seen || taken;
};
const refuse = (text) => note(text) || element.scrollIntoView({ block: "center" });
const pick = (id, { place }) => {
  note("");
  props.value = { ...props.value, picked: id, count: (props.value.count || 0) + 1 };
  trigger("pick");
  element.dispatchEvent(new CustomEvent("rx-pick", { bubbles: true, detail: { id, place } }));
};
const read = (file) =>
  new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
const latest = {}; // by place: a later choice overtakes an upload that is still on its way there
const forget = () => {
  for (const place in latest) delete latest[place];
  note("");
};
document.addEventListener("rx-chosen", ({ detail }) => element.closest(`#${detail}`) && forget());
document.addEventListener("rx-follow", ({ detail }) => {
  const named = element.closest("#rx-cam-gallery") ? "look" : "images";
  if (new URLSearchParams(detail).has(named)) forget();
});
const begin = () => {
  const begun = { place: null }; // whoever has several places writes here which it is
  element.dispatchEvent(new CustomEvent("rx-taking", { bubbles: true, detail: begun }));
  return (latest[begun.place] = begun);
};
const take = async (file) => {
  if (!file) return;
  if (file.size > props.limit * 2 ** 20) {
    return refuse(`an upload must have at most ${props.limit} MB; got ${(file.size / 2 ** 20).toFixed(1)} MB`);
  }
  note(`Reading ${file.name} …`);
  const begun = begin(), isLatest = () => latest[begun.place] === begun;
  const { id, error } = await asked(async () => server.add_picture({ name: file.name, data: await read(file) }));
  if (isLatest()) error ? refuse(error) : pick(id, begun);
};
element.addEventListener("click", (event) => {
  const thumb = event.target.closest("[data-id]");
  if (thumb) return pick(thumb.dataset.id, begin());
  const kind = event.target.closest("[data-kind]");
  if (kind) {
    const page = kind.dataset.kind === props.value.kind ? (props.value.page || 0) + 1 : 0;
    props.value = { ...props.value, kind: kind.dataset.kind, page: kind.dataset.kind === "sample" ? 0 : page };
    trigger("browse");
  }
  if (event.target.closest(".rx-upload")) element.querySelector("input[type=file]").click();
});
element.addEventListener("change", (event) => {
  if (event.target.type !== "file") return;
  take(event.target.files[0]);
  event.target.value = "";
});
element.addEventListener("dragover", (event) => event.preventDefault());
element.addEventListener("drop", (event) => {
  event.preventDefault();
  accept(document.rxBrought(event));
});
// What is dropped: {id} of a picture that was dragged from elsewhere on the page, which browsers hand over as a file, too,
// small as it is shown there; else {file}.
const OURS = "application/x-rx-picture";
document.addEventListener("dragstart", ({ target, dataTransfer }) =>
  dataTransfer?.setData(OURS, target.closest?.("[data-id]")?.dataset.id ?? ""));
document.rxBrought = ({ dataTransfer }) =>
  dataTransfer.types.includes(OURS) ? { id: dataTransfer.getData(OURS) } : { file: dataTransfer.files[0] };
const accept = ({ id, file }) => (id ? pick(id, begin()) : take(file));
// Beside the places for it a dropped file does nothing, where the browser would leave the page for it.
for (const kind of ["dragover", "drop"])
  document.addEventListener(kind, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
document.addEventListener("rx-drop", (event) => element.offsetParent && accept(event.detail)); // on a slot
document.addEventListener("paste", (event) => {
  if (!element.offsetParent) return; // another tab is open
  const isText = event.clipboardData?.types.includes("text/plain");
  if (isText && event.target.closest?.("input, textarea")) return; // tables and letters are copied as a picture, too
  const item = [...(event.clipboardData?.items || [])].find((item) => item.type.startsWith("image/"));
  const file = item?.getAsFile(); // browsers call what has no name image.png
  if (file) take(file.name === "image.png" ? new File([file], "pasted picture.png", { type: file.type }) : file);
});
