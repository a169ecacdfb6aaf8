"""The CAM methods and layers by name. Needs no torch, so that a page can list them before it is imported."""

CAM_METHODS: dict[str, str] = {
    "cam": "CAM (Zhou 2016)",
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "xgradcam": "XGrad-CAM",
    "eigencam": "Eigen-CAM",
    "scorecam": "Score-CAM",
    "ablationcam": "Ablation-CAM",
}  # name -> readable title

LAYERS: dict[str, str] = {
    "last": "last (for the classifier)",
    "second": "one stage earlier",
    "third": "two stages earlier",
    "fourth": "three stages earlier",
}  # name -> readable title; see layers.py
OWN = "each model's own answer"  # instead of a class
EXPLAINED = {"truth": "the true class", "own": OWN}  # name -> readable title; of many images
FILLS = {"mean": "mean colour", "blur": "blurred picture"}  # what stands in for hidden pixels; see hide.py
ANY_LAYER = tuple(method for method in CAM_METHODS if method not in ("cam", "ablationcam"))
MEASURE_TITLES = {
    "error": "Error",
    "probability": "Probability of the explained class",
    "area": "Area above half of the maximum",
    "entropy": "Entropy of the map",
    "drop": "Average drop",
    "increase": "Increase",
    "deletion": "Deletion area",
    "insertion": "Insertion area",
    "road": "ROAD",
}  # of an image or a map; see many.py
CURVE_STEPS = 16  # in which deletion hides pixels, and insertion shows them
FAITH = {"drop": ("drop", "increase"), "curves": ("deletion", "insertion"), "road": ("road",)}  # computed together
FAITH_TITLES = {
    "drop": "average drop and increase (2 more passes)",
    "curves": f"deletion and insertion area ({2 * (CURVE_STEPS + 1)} more passes)",
    "road": "ROAD (slow: seconds an image)",
}
YES_OR_NO = ("error", "increase")  # 0 or 1 of an image: a mean says it all
SHARES = ("error", "probability", "area", "drop", "increase", "deletion", "insertion")  # told in %
GRID_BOUND = ("area", "entropy")  # maps of finer grids have smaller ones: compare networks that see one size alone
