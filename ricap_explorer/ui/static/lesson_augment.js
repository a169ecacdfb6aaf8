// Standard augmentation: a picture and a seed, drawn and applied by the server.
const augmentPart = inPart(".rx-augment");
const [augmented, augmentSeed] = [augmentPart(".rx-augment-picture"), augmentPart(".rx-augment-seed")];
const askAugment = lastOf((state) => server.augmented(state), taker(augmentPart, ".rx-kinds", () => `Drawn with seed ${augmentSeed.value}.`));
const augmentNow = () => askAugment({ picture: augmented.value, seed: augmentSeed.value });
for (const dial of [augmented, augmentSeed]) dial.addEventListener("input", augmentNow);
augmentPart(".rx-augment-again").addEventListener("click", () => ((augmentSeed.value = random()), augmentNow()));
augmentNow();
